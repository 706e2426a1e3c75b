/* gesture: a neural network as C99, written by nncgen. DO NOT EDIT.
 * (the command line stands here)
 */
#include "gesture.h"

/* Where constant tables lie, and how they are read; an index counts elements. GESTURE_TABLE turns the name of a table
   into what functions get. Define all of these to place tables elsewhere. */
#ifndef GESTURE_FLASH
#define GESTURE_FLASH
#define GESTURE_TABLE_I8 const int8_t *
#define GESTURE_TABLE_I32 const int32_t *
#define GESTURE_TABLE(name) (name)
#define GESTURE_READ_I8(table, index) ((table)[index])
#define GESTURE_READ_I32(table, index) ((table)[index])
#endif

#ifdef __cplusplus
#define GESTURE_RESTRICT
#else
#define GESTURE_RESTRICT restrict
#endif

/* Layers stay functions of their own, which profilers and debuggers show. So do kernels: inlined into each other, they
   leave their loops too few registers. */
#ifdef __GNUC__
#define GESTURE_NOINLINE static __attribute__((noinline))
#else
#define GESTURE_NOINLINE static
#endif

/* Right shifts of negative numbers must keep the sign, as they do in every compiler of note. */
typedef char gesture_assert_arithmetic_shift[(-1 >> 1) == -1 ? 1 : -1];

/* value * multiplier * 2^(shift - 31), rounded to nearest and then, by the right shift, half away from zero. */
static int32_t gesture_scale(int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t right = shift > 0 ? 0 : -shift;
    const int32_t shifted = (int32_t)((uint32_t)value << left);
    const int32_t product = (int32_t)(((int64_t)shifted * multiplier + ((int64_t)1 << 30)) >> 31);
    const int32_t mask = (int32_t)(((uint32_t)1 << right) - 1u);
    const int32_t half = (mask >> 1) + (product < 0 ? 1 : 0);
    return (product >> right) + ((product & mask) > half ? 1 : 0);
}

/* The output value for an accumulator. The sum wraps as the reference's does. */
static int8_t gesture_requantize(
    int32_t value, int32_t multiplier, int32_t shift, int32_t zero_point, int32_t low, int32_t high)
{
    const int32_t result = (int32_t)((uint32_t)gesture_scale(value, multiplier, shift) + (uint32_t)zero_point);
    return (int8_t)(result < low ? low : result > high ? high : result);
}

/* The output value for `value` = accumulator - origin, in 32 bits: exact for every accumulator that the weights allow.
   The scale begins at element `at` of the table: multiplier with the shift in its upper byte, offset, limit. Form 1 has also the value of
   accumulator 0, and a setback that is taken from the offset below it. In form 2 the upper byte 255 marks a channel that
   needs 64 bits: multiplier, shift and zero point follow. */
GESTURE_NOINLINE int8_t gesture_narrow(
    int32_t value, GESTURE_TABLE_I32 scale, int32_t at, int32_t form, int32_t low, int32_t span)
{
    const uint32_t factor = (uint32_t)GESTURE_READ_I32(scale, at);
    const uint32_t multiplier = factor & 0xFFFFFFu;
    const int32_t limit = GESTURE_READ_I32(scale, at + 2);
    uint32_t offset = (uint32_t)GESTURE_READ_I32(scale, at + 1);
    uint32_t steps;
    int32_t result;
    if (form == 2 && factor >> 24 == 255u) {
        return gesture_requantize(value, (int32_t)offset, limit, GESTURE_READ_I32(scale, at + 3), low, low + span);
    }
    if (form != 0 && value < GESTURE_READ_I32(scale, at + 3)) {
        offset -= (uint32_t)GESTURE_READ_I32(scale, at + 4);
    }
    steps = (uint32_t)(value < 0 ? 0 : value > limit ? limit : value);
    result = (int32_t)((((steps >> 8) * multiplier) + (((steps & 255u) * multiplier) >> 8) + offset) >> (factor >> 24));
    return (int8_t)(low + (result > span ? span : result));
}

/* 2-D convolution of four pixels at a time, two in the halves of a word: one multiplication serves both. `blocks` says
   after how many pairs of weights the halves must be emptied before they overflow; 0 ends a filter. */
GESTURE_NOINLINE void gesture_conv_2d_lanes(
    const int8_t *GESTURE_RESTRICT input, int8_t *GESTURE_RESTRICT output, uint32_t *GESTURE_RESTRICT patch,
    int32_t input_height, int32_t input_width, int32_t channels,
    int32_t output_width, int32_t pixels, int32_t filters,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x,
    int32_t dilation_y, int32_t dilation_x, int32_t pad_top, int32_t pad_left, int32_t pad_value,
    GESTURE_TABLE_I8 weights, GESTURE_TABLE_I8 blocks, GESTURE_TABLE_I32 bias,
    GESTURE_TABLE_I32 scale, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    const int8_t pad = (int8_t)pad_value;
    int32_t column = 0;
    int32_t top = -pad_top;
    int32_t left = -pad_left;
    for (int32_t pixel = 0; pixel < pixels; pixel += 4) {
        const int32_t count = pixels - pixel < 4 ? pixels - pixel : 4;
        GESTURE_TABLE_I8 weight = weights;
        GESTURE_TABLE_I8 block = blocks;
        /* What the filters see at the four pixels; behind the last pixel of the image that means nothing. */
        for (int32_t half = 0; half < 2; half++) {
            uint32_t *lane = patch + half;
            const int32_t top0 = top;
            const int32_t left0 = left;
            int32_t top1;
            int32_t left1;
            left += stride_x;
            if (++column == output_width) {
                column = 0;
                left = -pad_left;
                top += stride_y;
            }
            top1 = top;
            left1 = left;
            left += stride_x;
            if (++column == output_width) {
                column = 0;
                left = -pad_left;
                top += stride_y;
            }
            for (int32_t ky = 0; ky < filter_height; ky++) {
                const int32_t y0 = top0 + ky * dilation_y;
                const int32_t y1 = top1 + ky * dilation_y;
                for (int32_t kx = 0; kx < filter_width; kx++) {
                    const int32_t x0 = left0 + kx * dilation_x;
                    const int32_t x1 = left1 + kx * dilation_x;
                    const int32_t step0 = y0 >= 0 && y0 < input_height && x0 >= 0 && x0 < input_width;
                    const int32_t step1 = y1 >= 0 && y1 < input_height && x1 >= 0 && x1 < input_width;
                    const int8_t *pixel0 = step0 ? input + (y0 * input_width + x0) * channels : &pad;
                    const int8_t *pixel1 = step1 ? input + (y1 * input_width + x1) * channels : &pad;
                    for (int32_t c = 0; c < channels; c++) {
                        *lane = (uint32_t)(int32_t)*pixel0 + ((uint32_t)(int32_t)*pixel1 << 16);
                        pixel0 += step0;
                        pixel1 += step1;
                        lane += 2;
                    }
                }
            }
        }
        for (int32_t filter = 0; filter < filters; filter++) {
            const uint32_t *lane = patch;
            uint32_t sum0 = (uint32_t)GESTURE_READ_I32(bias, filter);
            uint32_t sum1 = sum0;
            uint32_t sum2 = sum0;
            uint32_t sum3 = sum0;
            int8_t *out = output + filter;
            int32_t pairs = GESTURE_READ_I8(block, 0);
            while (pairs != 0) {
                /* Halves from 0 to 65535 stand for sums from -32768; the bias makes up for it. */
                uint32_t a = 0x80008000u;
                uint32_t b = 0x80008000u;
                do {
                    const uint32_t weight0 = (uint32_t)(int32_t)GESTURE_READ_I8(weight, 0);
                    const uint32_t weight1 = (uint32_t)(int32_t)GESTURE_READ_I8(weight, 1);
                    a += lane[0] * weight0;
                    b += lane[1] * weight0;
                    a += lane[2] * weight1;
                    b += lane[3] * weight1;
                    lane += 4;
                    weight += 2;
                } while (--pairs != 0);
                sum0 += a & 0xFFFFu;
                sum1 += a >> 16;
                sum2 += b & 0xFFFFu;
                sum3 += b >> 16;
                block += 1;
                pairs = GESTURE_READ_I8(block, 0);
            }
            block += 1;
            *out = gesture_narrow((int32_t)sum0, scale, filter * row_length, form, low, span);
            if (count > 1) {
                out += filters;
                *out = gesture_narrow((int32_t)sum1, scale, filter * row_length, form, low, span);
            }
            if (count > 2) {
                out += filters;
                *out = gesture_narrow((int32_t)sum2, scale, filter * row_length, form, low, span);
            }
            if (count > 3) {
                out += filters;
                *out = gesture_narrow((int32_t)sum3, scale, filter * row_length, form, low, span);
            }
        }
        output += count * filters;
    }
}

/* Largest of the pixels of each window that lie inside of the image. */
static void gesture_max_pool(
    const int8_t *GESTURE_RESTRICT input, int8_t *GESTURE_RESTRICT output,
    int32_t input_height, int32_t input_width, int32_t channels, int32_t output_height, int32_t output_width,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x,
    int32_t pad_top, int32_t pad_left, int32_t low, int32_t high)
{
    for (int32_t oy = 0; oy < output_height; oy++) {
        for (int32_t ox = 0; ox < output_width; ox++) {
            const int32_t top = oy * stride_y - pad_top;
            const int32_t left = ox * stride_x - pad_left;
            const int32_t y0 = top > 0 ? top : 0;
            const int32_t x0 = left > 0 ? left : 0;
            const int32_t y1 = top + filter_height < input_height ? top + filter_height : input_height;
            const int32_t x1 = left + filter_width < input_width ? left + filter_width : input_width;
            for (int32_t channel = 0; channel < channels; channel++) {
                int32_t largest = low;
                for (int32_t y = y0; y < y1; y++) {
                    int32_t position = (y * input_width + x0) * channels + channel;
                    for (int32_t x = x0; x < x1; x++) {
                        largest = input[position] > largest ? input[position] : largest;
                        position += channels;
                    }
                }
                *output++ = (int8_t)(largest > high ? high : largest);
            }
        }
    }
}

/* Depthwise 2-D convolution; taps outside of the image count pad_value. */
GESTURE_NOINLINE void gesture_depthwise_taps(
    const int8_t *GESTURE_RESTRICT input, int8_t *GESTURE_RESTRICT output,
    int32_t input_height, int32_t input_width, int32_t channels,
    int32_t output_height, int32_t output_width, int32_t depth_multiplier,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x,
    int32_t dilation_y, int32_t dilation_x, int32_t pad_top, int32_t pad_left, int32_t pad_value,
    GESTURE_TABLE_I8 weights, GESTURE_TABLE_I32 bias,
    GESTURE_TABLE_I32 scale, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    const int32_t filters = channels * depth_multiplier;
    for (int32_t oy = 0; oy < output_height; oy++) {
        for (int32_t ox = 0; ox < output_width; ox++) {
            const int32_t top = oy * stride_y - pad_top;
            const int32_t left = ox * stride_x - pad_left;
            const int32_t is_inside = top >= 0 && top + (filter_height - 1) * dilation_y < input_height
                && left >= 0 && left + (filter_width - 1) * dilation_x < input_width;
            int32_t c = 0; /* channel of the image, which serves the next `uses` filters */
            int32_t uses = depth_multiplier;
            for (int32_t filter = 0; filter < filters; filter++) {
                int32_t tap = filter; /* index of the weight */
                uint32_t sum = (uint32_t)GESTURE_READ_I32(bias, filter); /* wraps as the reference does */
                if (is_inside) {
                    const int32_t step_x = dilation_x * channels;
                    const int32_t step_y = dilation_y * input_width * channels - filter_width * step_x;
                    int32_t position = (top * input_width + left) * channels + c;
                    for (int32_t ky = 0; ky < filter_height; ky++) {
                        for (int32_t kx = 0; kx < filter_width; kx++) {
                            sum += (uint32_t)((int32_t)input[position] * GESTURE_READ_I8(weights, tap));
                            tap += filters;
                            position += step_x;
                        }
                        position += step_y;
                    }
                } else {
                    for (int32_t ky = 0; ky < filter_height; ky++) {
                        const int32_t iy = top + ky * dilation_y;
                        for (int32_t kx = 0; kx < filter_width; kx++) {
                            const int32_t ix = left + kx * dilation_x;
                            int32_t pixel = pad_value;
                            if (iy >= 0 && iy < input_height && ix >= 0 && ix < input_width) {
                                pixel = input[(iy * input_width + ix) * channels + c];
                            }
                            sum += (uint32_t)(pixel * GESTURE_READ_I8(weights, tap));
                            tap += filters;
                        }
                    }
                }
                if (--uses == 0) {
                    uses = depth_multiplier;
                    c++;
                }
                *output++ = gesture_narrow((int32_t)sum, scale, filter * row_length, form, low, span);
            }
        }
    }
}

/* output[row][unit] = bias[unit] + sum of input[row][d] * weights[unit][d] over d, requantized. */
GESTURE_NOINLINE void gesture_matrix_product(
    const int8_t *GESTURE_RESTRICT input, int8_t *GESTURE_RESTRICT output,
    int32_t rows, int32_t depth, int32_t units,
    GESTURE_TABLE_I8 weights, GESTURE_TABLE_I32 bias,
    GESTURE_TABLE_I32 scale, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    for (int32_t row = 0; row < rows; row++) {
        GESTURE_TABLE_I8 weight = weights;
        for (int32_t unit = 0; unit < units; unit++) {
            uint32_t sum = (uint32_t)GESTURE_READ_I32(bias, unit); /* wraps as the reference does */
            for (int32_t d = 0; d < depth; d++) {
                sum += (uint32_t)((int32_t)input[d] * GESTURE_READ_I8(weight, d));
            }
            weight += depth;
            *output++ = gesture_narrow((int32_t)sum, scale, unit * row_length, form, low, span);
        }
        input += depth;
    }
}

/* Softmax of each row; exponentials[d] belongs to a value d below the row's maximum, further ones count as 0. */
static void gesture_softmax(
    const int8_t *GESTURE_RESTRICT input, int8_t *GESTURE_RESTRICT output,
    int32_t rows, int32_t classes, GESTURE_TABLE_I32 exponentials, int32_t entries)
{
    for (int32_t row = 0; row < rows; row++) {
        int32_t maximum = input[0];
        int32_t sum = 0; /* 19 fraction bits */
        int32_t headroom = 0;
        int32_t half_denominator;
        int32_t reciprocal;
        int32_t shift;
        for (int32_t c = 1; c < classes; c++) {
            maximum = input[c] > maximum ? input[c] : maximum;
        }
        for (int32_t c = 0; c < classes; c++) {
            const int32_t distance = maximum - input[c];
            if (distance < entries) {
                sum += ((GESTURE_READ_I32(exponentials, distance) >> 11) + 1) >> 1;
            }
        }
        while (((uint32_t)sum << headroom) < 0x80000000u) {
            headroom++;
        }
        shift = headroom - 35; /* negative: to the right */
        /* 1 / (1 + x) with 31 fraction bits for sum = (1 + x) * 2^(31 - headroom): three Newton steps. */
        half_denominator = (int32_t)(((uint32_t)sum << headroom) >> 1);
        reciprocal = 1515870810 + gesture_scale(half_denominator, -1010580540, 0);
        for (int32_t step = 0; step < 3; step++) {
            const int32_t error = 536870912 - gesture_scale(half_denominator, reciprocal, 0);
            reciprocal += gesture_scale(reciprocal, error, 0) * 4;
        }
        reciprocal = reciprocal > 1073741823 ? 2147483647 : reciprocal * 2;
        for (int32_t c = 0; c < classes; c++) {
            const int32_t distance = maximum - input[c];
            int32_t value = -128;
            if (distance < entries && shift >= -31) {
                value += gesture_scale(reciprocal, GESTURE_READ_I32(exponentials, distance), shift);
            }
            output[c] = (int8_t)(value > 127 ? 127 : value);
        }
        input += classes;
        output += classes;
    }
}

/* Layer 0: CONV_2D `...al_1_1/functional_1/batch_normalization_1/batchnorm/add_1` (operator 1)
 * int8 [1,1,64,3] -> int8 [1,1,64,16], 15360 multiply-accumulates
 * kernel conv_2d_lanes: about 216652 cycles on cortex-m0, 717 bytes of constants; instead of conv_2d_rows (339798), conv_2d_taps (563220)
 */
/* Weights [16,1,5,3], an even number for each output channel. */
static const int8_t gesture_layer0_weights[256] GESTURE_FLASH = {
    -124, -33, -27, -127, -111, 60, 26, -72, -58, 120, 37, 27, 122, 49, 38, 0,
    -127, -77, -9, -113, -58, -26, -1, 31, 26, -82, -23, -38, -94, -58, -18, 0,
    116, 10, -1, 126, 25, -7, -45, 8, 21, -26, -113, -3, -127, -110, 14, 0,
    -17, -12, 15, -117, 36, -27, -127, 28, -15, -16, 17, 11, 99, -41, 9, 0,
    60, -95, 38, -3, -50, -2, 11, 50, 26, 29, -36, -58, 101, -127, -24, 0,
    -3, -127, -40, -73, 6, -4, -45, -71, -27, 14, -34, 11, 31, -35, -23, 0,
    -14, 18, 17, 2, -7, -102, 16, -18, 38, 79, 2, 36, 127, 0, -44, 0,
    -127, 0, -63, -18, -104, 53, -81, -82, -64, -95, 32, 69, -38, -60, -21, 0,
    6, -19, -25, 127, 25, -79, 3, -31, 21, 6, 6, -32, 79, 17, 22, 0,
    -9, 14, -99, 3, -7, -79, -13, 15, 91, 10, -1, 127, 12, -17, -51, 0,
    -127, 35, -13, -69, 49, 15, -92, -36, -14, 23, 41, -61, -55, 85, 50, 0,
    -68, 88, -78, 12, 64, 7, -58, -31, -60, -13, -25, 41, -127, -89, -8, 0,
    98, 71, -25, 11, 16, -32, 39, 61, 29, 127, -25, 26, 121, -12, -27, 0,
    -44, -52, -127, 41, -91, 19, -122, 56, -64, -85, 5, -13, -48, 90, -51, 0,
    -72, 68, 2, 27, 36, -12, 65, 127, 9, 6, 101, -87, 9, 10, 11, 0,
    122, 112, -87, 1, -37, 69, 100, -47, -68, 101, -23, 25, -127, -26, 31, 0
};

/* Pairs of weights that two 16-bit sums hold; 0 behind each output channel. */
static const int8_t gesture_layer0_blocks[77] GESTURE_FLASH = {
    1, 1, 1, 1, 2, 2, 0, 1, 3, 2, 2, 0, 2, 4, 2, 0, 3, 3, 2, 0, 3, 3, 2, 0, 3, 3, 2, 0, 4, 2, 2, 0,
    2, 1, 1, 1, 3, 0, 2, 4, 2, 0, 4, 2, 2, 0, 2, 3, 2, 1, 0, 2, 3, 1, 2, 0, 3, 2, 3, 0, 1, 1, 1, 1,
    2, 2, 0, 3, 2, 3, 0, 1, 2, 1, 2, 2, 0
};

/* Bias with everything folded in that is the same for all pixels. */
static const int32_t gesture_layer0_bias[16] GESTURE_FLASH = {
    -142679, -34157, -51876, -42412, -31310, -38370, -41335, -71703,
    -43500, -75012, -57745, -61640, -6676, -111745, -16805, -96455
};

/* Scales in 32 bits, exact for these weights: multiplier and shift, offset, limit, zero, setback. */
static const int32_t gesture_layer0_scale[80] GESTURE_FLASH = {
    412650909, 16827018, 109311, 57780, 64749,
    408599745, 16794832, 184063, 97144, 32801,
    414473862, 16842419, 92415, 48869, 65475,
    412943441, 16804428, 106239, 56138, 65180,
    411829686, 16822075, 119295, 62951, 65575,
    412905588, 16813434, 106751, 56345, 63990,
    414127291, 16800048, 95231, 50346, 65400,
    408691953, 16787550, 181247, 95661, 33169,
    414856600, 16809813, 89599, 47337, 65739,
    397632331, 8443421, 93183, 24568, 70167,
    411081148, 16823742, 129791, 68542, 65301,
    411551684, 16810847, 122879, 64918, 65507,
    408326645, 335576198, 178431, 87436, 33146,
    410349623, 16799299, 142079, 75057, 32994,
    410481197, 151014088, 135423, 69406, 29346,
    411706523, 16836099, 120831, 63807, 65823
};

GESTURE_NOINLINE void gesture_layer0(const int8_t *input, int8_t *output, int8_t *scratch)
{
    gesture_conv_2d_lanes(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 1, 64, 3,
        /* output: width, pixels, channels */ 64, 64, 16,
        /* filter */ 1, 5, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding */ 0, 2, -8,
        GESTURE_TABLE(gesture_layer0_weights), GESTURE_TABLE(gesture_layer0_blocks),
        GESTURE_TABLE(gesture_layer0_bias),
        GESTURE_TABLE(gesture_layer0_scale), /* row, form */ 5, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 1: HARD_SWISH `functional_1_1/functional_1/lambda_1/mul_1` (operator 3)
 * int8 [1,64,16] -> int8 [1,64,16]
 * kernel lookup: about 7887 cycles on cortex-m0, 256 bytes of constants
 */
/* Output value for each byte of the input. */
static const int8_t gesture_layer1_table[256] GESTURE_FLASH = {
    -122, -121, -121, -120, -119, -118, -117, -116, -115, -114, -113, -112, -110, -109, -108, -107,
    -105, -104, -102, -101, -99, -98, -96, -95, -93, -91, -89, -88, -86, -84, -82, -80,
    -78, -76, -74, -72, -70, -67, -65, -63, -61, -58, -56, -53, -51, -48, -46, -43,
    -40, -38, -35, -32, -29, -27, -24, -21, -18, -15, -13, -11, -9, -7, -5, -3,
    -1, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29,
    31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61,
    63, 65, 67, 69, 72, 74, 76, 78, 80, 82, 84, 86, 88, 90, 92, 94,
    96, 98, 100, 102, 104, 106, 108, 110, 112, 114, 116, 118, 120, 122, 124, 126,
    -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116,
    -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116,
    -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116,
    -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116,
    -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116, -116,
    -116, -116, -116, -116, -116, -116, -117, -117, -118, -119, -120, -121, -122, -122, -123, -124,
    -124, -125, -125, -126, -126, -127, -127, -127, -128, -128, -128, -128, -128, -128, -128, -128,
    -128, -128, -128, -128, -128, -128, -127, -127, -127, -126, -126, -125, -125, -124, -123, -123
};

GESTURE_NOINLINE void gesture_layer1(const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < 1024; i++) {
        output[i] = GESTURE_READ_I8(GESTURE_TABLE(gesture_layer1_table), (uint8_t)input[i]);
    }
}

/* Layer 2: MAX_POOL_2D `functional_1_1/functional_1/max_pooling1d_1/MaxPool1d` (operator 5)
 * int8 [1,1,64,16] -> int8 [1,1,32,16]
 * kernel max_pool: about 13291 cycles on cortex-m0, 0 bytes of constants
 */
GESTURE_NOINLINE void gesture_layer2(const int8_t *input, int8_t *output)
{
    gesture_max_pool(
        input, output,
        /* input */ 1, 64, 16, /* output */ 1, 32,
        /* filter */ 1, 2, /* stride */ 1, 2, /* padding */ 0, 0,
        /* clamp */ -128, 127);
}

/* Layer 3: DEPTHWISE_CONV_2D `...nctional_1/separable_conv1d_1/separable_conv2d/depthwise1` (operator 6)
 * int8 [1,1,32,16] -> int8 [1,1,32,16], 2560 multiply-accumulates
 * kernel depthwise_taps: about 135596 cycles on cortex-m0, 464 bytes of constants
 */
/* Weights [1,1,5,16]. */
static const int8_t gesture_layer3_weights[80] GESTURE_FLASH = {
    127, -127, 71, 41, -89, -127, 9, -76, 48, 5, -127, 6, -106, 67, 127, -123,
    83, 57, 11, -127, -81, -97, 85, -14, 28, -61, -64, -127, 92, -112, 18, -59,
    -56, 83, -116, -79, 36, -29, 92, -127, 56, -108, 5, 6, 70, 113, 1, 1,
    -54, 73, -127, 52, 127, 55, 17, -2, -47, -81, 67, 104, 125, 6, -62, 16,
    121, 44, -121, 52, 44, 115, -127, -36, -127, -127, 88, 66, 127, -127, -82, -127
};

/* Bias with everything folded in that is the same for all pixels. */
static const int32_t gesture_layer3_bias[16] GESTURE_FLASH = {
    56001, 48770, 21556, 38367, 43671, 40269, 42003, 15902,
    36246, -2543, 31857, 39178, 66022, 53834, 36849, 40952
};

/* Scales in 32 bits, exact for these weights: multiplier and shift, offset, limit, zero, setback. */
static const int32_t gesture_layer3_scale[80] GESTURE_FLASH = {
    415029408, 855692569, 70911, 30365, 65834,
    418397509, 251699244, 65535, 33690, 65778,
    413535381, 16821239, 100607, 54268, 65423,
    415648802, 16802229, 84223, 45443, 65240,
    417649796, 16834677, 72959, 39379, 65950,
    414488650, 16824678, 92415, 49897, 65866,
    419283147, 167821839, 63487, 33187, 65986,
    415637507, 16829227, 84223, 45482, 65412,
    417015762, 16800085, 76031, 41118, 65517,
    417195701, 16805069, 75263, 40609, 57272,
    419310438, 16841321, 65535, 35453, 64297,
    413587677, 922779785, 78847, 32798, 64640,
    409954653, 1459633912, 99327, 30294, 32293,
    410780239, 419453591, 121855, 59982, 32926,
    418429399, 67123481, 68351, 36617, 66282,
    410029180, 167792436, 143103, 74824, 29911
};

GESTURE_NOINLINE void gesture_layer3(const int8_t *input, int8_t *output)
{
    gesture_depthwise_taps(
        input, output,
        /* input */ 1, 32, 16,
        /* output */ 1, 32, /* multiplier */ 1,
        /* filter */ 1, 5, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding: top, left, value */ 0, 2, -116,
        GESTURE_TABLE(gesture_layer3_weights), GESTURE_TABLE(gesture_layer3_bias),
        GESTURE_TABLE(gesture_layer3_scale), /* row, form */ 5, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 4: CONV_2D `..._1_1/functional_1/batch_normalization_1_2/batchnorm/add_1` (operator 7)
 * int8 [1,1,32,16] -> int8 [1,1,32,24], 12288 multiply-accumulates
 * kernel conv_2d_lanes: about 159286 cycles on cortex-m0, 1091 bytes of constants; instead of matrix_product (189840), dense_lanes (260583), conv_2d_rows (261120), conv_2d_taps (292420)
 */
/* Weights [24,1,1,16], an even number for each output channel. */
static const int8_t gesture_layer4_weights[384] GESTURE_FLASH = {
    -12, -79, -33, 55, 3, 83, 48, 33, -7, 127, -43, 2, 57, 52, 41, -96,
    28, -115, 116, -49, -43, -52, 83, 80, 36, -6, 127, 53, 16, 33, -23, -68,
    -3, 81, 49, 33, -43, 127, -18, -80, -5, 69, -53, 40, -49, 29, 50, 103,
    -109, 50, -15, 70, 23, 10, 32, 127, 93, 80, 51, 97, 35, -51, 5, 52,
    -6, 51, -47, 23, 25, 8, 23, -58, -50, 42, 13, -11, 127, -24, -28, -63,
    78, -121, 78, 33, -67, -13, -39, -82, -28, 37, -56, -30, 64, 0, -127, 42,
    2, 54, 21, -21, 120, 10, -71, 7, -29, 27, -99, -115, -96, 48, 127, -76,
    -111, -88, -27, -127, 16, -6, 66, 81, -60, 54, -103, -72, -60, 40, 46, -51,
    -107, -84, 90, -2, 69, -7, -11, -22, -89, 63, -54, -117, 9, 127, 37, 16,
    -67, 13, 3, -16, 14, -13, -33, -14, 86, 20, 30, -14, -127, -38, -19, 22,
    37, -84, 76, 24, -77, -82, 104, 37, -89, 24, 18, 127, -62, 36, -81, 3,
    -47, 78, 11, -5, -127, -103, -49, 29, 11, -19, 120, -62, -88, -70, -92, 94,
    -4, 10, -1, 24, 18, 19, -14, -18, -40, -127, 12, -2, -46, -26, 28, -5,
    100, -73, 66, 43, 67, -83, -89, -9, -94, -4, -87, -123, 25, 104, -19, 127,
    -47, 53, 127, 15, 43, -68, -33, -47, -64, 34, 63, 15, 34, 45, -40, -68,
    32, -127, 62, -65, 49, 24, 66, 6, -40, 7, 36, -57, -33, 41, -50, -1,
    81, -22, 54, -58, 61, 31, -127, -10, 19, -101, 70, -58, -77, 11, 12, -45,
    39, 6, -29, 127, -58, 50, -37, 61, 103, -15, 50, 85, 4, 32, 13, 43,
    -34, -20, -96, 38, 51, 127, 39, 95, 51, -69, -62, 3, 20, 9, 111, 14,
    -40, -46, 46, 17, 39, 61, -127, 16, 59, -64, 37, 59, -60, 38, 6, 85,
    16, -55, 24, 14, 20, 29, 18, 127, 7, -59, 79, -16, 38, -34, 6, -39,
    83, -62, 14, -1, -39, -44, 71, -104, -109, 15, -96, -35, -16, -65, 5, -127,
    54, -66, 39, -31, -97, -73, 69, -14, 38, 41, 127, -88, 12, -47, -108, 30,
    -57, -67, 52, 19, 40, -26, -28, -5, -8, -127, -77, -15, 37, -12, -7, -33
};

/* Pairs of weights that two 16-bit sums hold; 0 behind each output channel. */
static const int8_t gesture_layer4_blocks[131] GESTURE_FLASH = {
    2, 2, 2, 2, 0, 1, 1, 1, 2, 2, 1, 0, 2, 1, 2, 2, 1, 0, 2, 2, 1, 2, 1, 0, 4, 2, 2, 0, 1, 2, 2, 2,
    1, 0, 3, 2, 1, 1, 1, 0, 1, 2, 1, 1, 1, 2, 0, 1, 3, 1, 1, 2, 0, 4, 2, 2, 0, 2, 1, 2, 2, 1, 0, 2,
    1, 2, 1, 1, 1, 0, 4, 3, 1, 0, 1, 1, 2, 1, 1, 1, 1, 0, 2, 2, 3, 1, 0, 1, 2, 3, 2, 0, 2, 2, 2, 2,
    0, 2, 2, 2, 2, 0, 2, 1, 2, 3, 0, 3, 1, 2, 2, 0, 3, 2, 3, 0, 3, 1, 2, 2, 0, 2, 2, 1, 1, 2, 0, 2,
    3, 3, 0
};

/* Bias with everything folded in that is the same for all pixels. */
static const int32_t gesture_layer4_bias[24] GESTURE_FLASH = {
    -108362, -165919, -137118, -143450, -82311, -135950, -133120, -159891,
    -127853, -79986, -136139, -159454, -84482, -198735, -103885, -111368,
    -105104, -112696, -105480, -106061, -74185, -98756, -133978, -70279
};

/* Scales in 32 bits, exact for these weights: multiplier and shift, offset, limit, zero, setback. */
static const int32_t gesture_layer4_scale[120] GESTURE_FLASH = {
    395889271, 8443029, 109567, 24341, 65764,
    417507201, 16808240, 73727, 32818, 65582,
    418943701, 16815060, 67071, 29924, 65316,
    396084764, 8438147, 107263, 23875, 65304,
    398876274, 8408128, 84223, 18749, 65432,
    395756833, 8452995, 110847, 24667, 66011,
    418944115, 16830438, 67071, 29923, 65775,
    417192000, 16836467, 75263, 33529, 66871,
    417442659, 16821188, 73983, 32961, 65459,
    401894564, 8423018, 68351, 15216, 65632,
    394704291, 8446298, 124159, 27608, 66380,
    417246297, 16793421, 75007, 33405, 65277,
    378744225, 4223689, 113663, 12635, 65545,
    418711186, 16833102, 68095, 30357, 65212,
    394782969, 8453263, 123135, 27364, 65704,
    398778698, 8447432, 84991, 18890, 65157,
    396340055, 8418538, 104703, 23293, 65050,
    396596902, 8416740, 102143, 22735, 66863,
    394459319, 8446826, 127743, 28396, 65611,
    395950830, 8453706, 108799, 24192, 65427,
    396260050, 8437689, 105471, 23472, 65491,
    418912324, 16798536, 67327, 29982, 64876,
    419402911, 16789014, 65279, 29104, 65189,
    395582517, 8452305, 112895, 25110, 65860
};

GESTURE_NOINLINE void gesture_layer4(const int8_t *input, int8_t *output, int8_t *scratch)
{
    gesture_conv_2d_lanes(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 1, 32, 16,
        /* output: width, pixels, channels */ 32, 32, 24,
        /* filter */ 1, 1, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding */ 0, 0, 10,
        GESTURE_TABLE(gesture_layer4_weights), GESTURE_TABLE(gesture_layer4_blocks),
        GESTURE_TABLE(gesture_layer4_bias),
        GESTURE_TABLE(gesture_layer4_scale), /* row, form */ 5, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 5: LEAKY_RELU `functional_1_1/functional_1/leaky_re_lu_1/LeakyRelu` (operator 9)
 * int8 [1,32,24] -> int8 [1,32,24]
 * kernel lookup: about 5915 cycles on cortex-m0, 256 bytes of constants
 */
/* Output value for each byte of the input. */
static const int8_t gesture_layer5_table[256] GESTURE_FLASH = {
    -86, -84, -82, -81, -79, -77, -76, -74, -72, -71, -69, -67, -66, -64, -62, -61,
    -59, -57, -56, -54, -52, -51, -49, -47, -46, -44, -42, -41, -39, -37, -36, -34,
    -32, -31, -29, -27, -25, -24, -22, -20, -19, -17, -15, -14, -12, -10, -9, -7,
    -5, -4, -2, 0, 1, 3, 5, 6, 8, 10, 11, 13, 15, 16, 18, 20,
    21, 23, 25, 26, 28, 30, 31, 33, 35, 36, 38, 40, 41, 43, 45, 46,
    48, 50, 51, 53, 55, 56, 58, 60, 61, 63, 65, 66, 68, 70, 71, 73,
    75, 76, 78, 80, 81, 83, 85, 86, 88, 90, 91, 93, 95, 96, 98, 100,
    101, 103, 105, 106, 108, 110, 111, 113, 115, 116, 118, 120, 121, 123, 125, 126,
    -128, -128, -128, -128, -127, -127, -127, -127, -127, -127, -126, -126, -126, -126, -126, -126,
    -125, -125, -125, -125, -125, -125, -124, -124, -124, -124, -124, -124, -123, -123, -123, -123,
    -123, -123, -122, -122, -122, -122, -122, -122, -121, -121, -121, -121, -121, -121, -120, -120,
    -120, -120, -120, -120, -119, -119, -119, -119, -119, -119, -118, -118, -118, -118, -118, -118,
    -117, -117, -117, -117, -117, -117, -116, -116, -116, -116, -116, -116, -115, -115, -115, -115,
    -115, -115, -114, -114, -114, -114, -114, -114, -113, -113, -113, -113, -113, -113, -112, -112,
    -112, -112, -112, -112, -111, -111, -111, -111, -111, -111, -110, -110, -110, -110, -110, -110,
    -109, -109, -109, -107, -106, -104, -102, -101, -99, -97, -96, -94, -92, -91, -89, -87
};

GESTURE_NOINLINE void gesture_layer5(const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < 768; i++) {
        output[i] = GESTURE_READ_I8(GESTURE_TABLE(gesture_layer5_table), (uint8_t)input[i]);
    }
}

/* Layer 6: MAX_POOL_2D `functional_1_1/functional_1/max_pooling1d_1_2/MaxPool1d` (operator 11)
 * int8 [1,1,32,24] -> int8 [1,1,16,24]
 * kernel max_pool: about 10018 cycles on cortex-m0, 0 bytes of constants
 */
GESTURE_NOINLINE void gesture_layer6(const int8_t *input, int8_t *output)
{
    gesture_max_pool(
        input, output,
        /* input */ 1, 32, 24, /* output */ 1, 16,
        /* filter */ 1, 2, /* stride */ 1, 2, /* padding */ 0, 0,
        /* clamp */ -128, 127);
}

/* Layer 7: DEPTHWISE_CONV_2D `...tional_1/separable_conv1d_1_2/separable_conv2d/depthwise1` (operator 12)
 * int8 [1,1,16,24] -> int8 [1,1,16,24], 1920 multiply-accumulates
 * kernel depthwise_taps: about 102224 cycles on cortex-m0, 696 bytes of constants
 */
/* Weights [1,1,5,24]. */
static const int8_t gesture_layer7_weights[120] GESTURE_FLASH = {
    127, -111, 127, 127, -127, 127, 72, -99, 10, 47, -127, -96, -124, -117, -78, -30, -122, -98, 127, 127, 114, 127,
    -119, -85,
    75, -30, -122, 82, 5, 69, 94, -108, 9, 40, -24, -34, -33, -127, -122, 45, -24, -92, 91, 123, 75, -39, -108, -1,
    -33, -127, -30, 88, 28, 67, 93, -127, -23, 26, -51, -65, -7, -122, -127, 49, -12, -127, 117, 58, 54, -22, -127,
    -53,
    122, -52, -101, -24, -43, 31, 95, -107, -2, -100, -84, -48, -57, -72, -112, 116, -14, -89, 55, -118, -12, 56,
    -91, -5,
    -23, -76, -125, 14, -90, 54, 127, -34, -127, -127, -122, -127, -127, -114, 26, 127, -127, -102, 123, -99, -127,
    26, -114, -127
};

/* Bias with everything folded in that is the same for all pixels. */
static const int32_t gesture_layer7_bias[24] GESTURE_FLASH = {
    48245, 18378, 63615, 42738, 36819, 44452, 61259, 10257,
    21520, 30727, 23285, 12573, 20771, -14241, 58141, 46332,
    21147, -7331, 65660, 66804, 48354, 33786, 10895, 27019
};

/* Scales in 32 bits, exact for these weights: multiplier and shift, offset, limit, zero, setback. */
static const int32_t gesture_layer7_scale[120] GESTURE_FLASH = {
    410889843, 1778393203, 78079, 19033, 32682,
    412528329, 16814967, 110847, 61542, 63933,
    408153267, 436220409, 179455, 90974, 32788,
    412964183, 1929409117, 58623, 11455, 66146,
    412385630, 50360811, 111615, 61562, 65661,
    413521302, 2113988428, 51199, 6520, 65829,
    413110318, 2030096544, 55295, 8830, 65498,
    412450336, 16812038, 111615, 62032, 63961,
    415353023, 604025872, 74239, 36017, 63909,
    416736597, 16795462, 77567, 43153, 65492,
    411622521, 16819423, 121855, 67757, 66585,
    414140981, 16803637, 95231, 52903, 63309,
    413005905, 16817546, 105727, 58703, 66073,
    415885970, 16789697, 82687, 45927, 62020,
    405879872, 1090531800, 254207, 103158, 16039,
    408493658, 2097171534, 96255, 12869, 32782,
    413962367, 16826131, 96767, 53738, 62283,
    415303500, 16825232, 86527, 48041, 65044,
    414335169, 1946186055, 51455, 9743, 66671,
    409788113, 805338082, 125183, 56885, 32729,
    410716928, 1224739529, 97279, 37018, 32793,
    407883702, 2030068062, 110847, 17654, 33376,
    411114366, 16828954, 129279, 71826, 65086,
    413398550, 16810994, 101887, 56558, 60850
};

GESTURE_NOINLINE void gesture_layer7(const int8_t *input, int8_t *output)
{
    gesture_depthwise_taps(
        input, output,
        /* input */ 1, 16, 24,
        /* output */ 1, 16, /* multiplier */ 1,
        /* filter */ 1, 5, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding: top, left, value */ 0, 2, -109,
        GESTURE_TABLE(gesture_layer7_weights), GESTURE_TABLE(gesture_layer7_bias),
        GESTURE_TABLE(gesture_layer7_scale), /* row, form */ 5, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 8: CONV_2D `..._1_1/functional_1/batch_normalization_2_1/batchnorm/add_1` (operator 13)
 * int8 [1,1,16,24] -> int8 [1,1,16,32], 12288 multiply-accumulates
 * kernel conv_2d_lanes: about 130183 cycles on cortex-m0, 1755 bytes of constants; instead of matrix_product (171756), dense_lanes (215533), conv_2d_rows (219033), conv_2d_taps (241969)
 */
/* Weights [32,1,1,24], an even number for each output channel. */
static const int8_t gesture_layer8_weights[768] GESTURE_FLASH = {
    -5, 41, 19, -21, 127, 34, -5, 12, -12, -3, -18, -67, -26, 82, 12, 5, 66, 113, 96, -23, -55, -118, -27, -26,
    -23, -3, 51, -10, 26, 15, 3, -106, -30, -9, 3, 54, -14, -45, 53, 30, -3, -127, -82, -16, 16, -40, -43, 68,
    -13, -29, -10, -29, -91, 88, 33, 28, -25, 58, -27, 59, 43, -99, -90, 127, 23, 0, -113, 65, -75, -10, 64, -49,
    78, 108, 62, 16, 27, -118, -88, -51, -20, -71, -30, 57, 127, -6, 20, 2, 84, -13, -27, -31, -44, -3, 95, 118,
    127, 54, 20, 6, -65, 6, -44, -12, 64, -71, 70, -65, 80, -40, 18, -34, 81, 64, -26, -76, -23, 66, 109, -67,
    -24, 29, 83, -7, 61, -16, -15, 21, 37, -8, -11, 14, -31, 127, -7, 56, 31, 110, -16, 46, 23, -73, 23, -37,
    57, 4, -34, 18, 5, 71, 46, 77, -45, 92, -45, 40, -20, -118, 45, 43, 25, 30, -67, 92, -127, -8, 13, 16,
    -16, -8, -40, 4, 39, -6, 103, 95, 16, -31, -92, 18, -18, 24, 18, 116, 13, 17, 23, 24, -40, 42, -127, 66,
    -28, 22, -96, 46, 44, -9, 31, 74, 49, -55, -32, 78, -7, -14, -55, 110, -4, 35, 4, -46, 16, 44, -127, 41,
    27, 10, -7, 87, 11, -14, 61, 106, -1, -13, -114, -20, 58, 33, -8, 13, 6, 7, -21, -127, 31, -15, -51, 70,
    -11, -93, 25, 7, 21, -16, 127, 51, 72, -11, -65, 91, 47, 94, 23, 88, -31, 19, -70, 8, -50, -12, 12, 83,
    -17, 29, 32, -22, 66, 5, 51, -2, -18, 24, -69, 74, 39, 39, 27, -42, -49, -127, -11, 32, -75, -38, 14, 37,
    -59, 36, 44, -84, -11, -10, 4, 11, 25, 32, -45, -27, -65, 49, -78, -14, -127, -51, 17, -33, 3, 33, 24, 5,
    30, 11, -7, -79, -12, -43, -25, -95, -50, 5, -6, -65, 51, -34, -84, -69, -41, -127, 16, -48, 29, -44, 35, 13,
    2, -24, 44, 53, -3, -21, -34, 65, 36, -33, -68, 85, -31, 109, -24, -7, -58, 127, -45, -15, -53, 57, 119, -51,
    6, 121, -12, -37, 76, 108, -13, -102, -125, -22, 14, -90, 67, 38, -127, -88, -35, -7, 120, -79, -90, -88, -21,
    18,
    53, -56, -19, 16, 34, -47, 6, 43, 46, 35, -20, -17, -127, -36, 49, 67, -95, 39, -12, -47, 9, -9, 42, 21,
    7, -57, 10, 75, 3, -43, 23, -29, 21, -100, 19, 51, 30, -94, -68, 13, -7, -127, -17, -96, 29, 55, 98, -62,
    -19, 86, 46, 26, 20, 53, 6, -8, 49, 34, 12, -56, 38, 48, -86, 48, -49, -42, 88, -54, -115, -20, -40, -127,
    47, 0, 14, -102, -6, 104, 41, 67, 7, 62, -25, 83, -109, -52, -70, 75, -25, 95, -46, 109, -127, -17, 51, -55,
    -30, 88, 48, -22, 25, -112, -127, -102, -108, 64, -67, -39, -13, 86, 19, 16, -60, 114, -59, -75, 51, -71, 48,
    87,
    9, -34, 7, 42, 31, -10, 84, 52, 45, -37, -63, 127, -54, 1, 24, 8, -1, 3, -52, 30, 1, 8, -26, 40,
    -3, -99, -11, -22, -13, 4, -18, 60, 119, 7, -84, 27, -127, -49, 22, 11, -60, 50, -69, -57, 70, 22, 0, -2,
    54, 55, 0, 5, -10, 19, -18, -47, 88, -127, 64, 1, 11, -41, 94, -11, 36, 32, 69, 28, 5, -32, -26, -33,
    -90, -81, -78, -26, 113, 30, 101, 63, 40, 17, -98, 24, 8, 23, -7, -48, 9, 10, 76, -14, -18, -35, -55, 127,
    108, 118, 86, 11, -10, 33, -50, -19, -104, -56, 65, -123, 109, 79, -85, -41, 43, 121, -20, -28, 62, -40, 61,
    127,
    77, -42, -20, 115, 5, -81, -58, 42, 127, -98, 47, -3, -60, -89, 62, -17, 11, 9, -2, -24, 92, 75, 35, 11,
    87, 17, 7, 62, 8, -84, -4, 33, 59, -127, -22, 3, -42, -52, -9, -51, 65, -22, 10, -49, 90, -14, -13, 15,
    21, 116, -32, 13, 86, 127, 35, -12, 25, 38, -5, -99, 7, 67, 9, -9, -14, 84, 89, -106, -1, -78, -53, -45,
    -24, -91, -42, -100, 60, 25, 48, 76, 92, 67, -28, -8, 33, -85, 15, 127, -31, 37, -7, -11, -74, -45, -49, -5,
    -73, 7, 34, -85, -36, -27, -36, -28, -37, -4, 50, -56, 19, 127, -97, 15, -75, 119, 37, -41, 21, 7, 9, -126,
    58, 15, -27, 125, -37, -65, -6, 31, 71, -105, -11, 16, -71, -56, 29, -27, 67, -11, -21, -82, 127, -17, -7, 37
};

/* Pairs of weights that two 16-bit sums hold; 0 behind each output channel. */
static const int8_t gesture_layer8_blocks[219] GESTURE_FLASH = {
    3, 5, 1, 1, 2, 0, 4, 4, 2, 2, 0, 2, 2, 2, 1, 2, 1, 2, 0, 1, 2, 2, 3, 3, 1, 0, 2, 2, 1, 2, 2, 2,
    1, 0, 4, 3, 2, 3, 0, 3, 1, 2, 2, 2, 2, 0, 3, 2, 2, 3, 1, 1, 0, 3, 2, 2, 3, 2, 0, 3, 2, 3, 3, 1,
    0, 3, 1, 2, 2, 3, 1, 0, 4, 2, 2, 2, 2, 0, 3, 3, 2, 2, 2, 0, 3, 3, 2, 2, 2, 0, 4, 2, 2, 2, 1, 1,
    0, 2, 1, 1, 2, 1, 1, 2, 2, 0, 3, 3, 1, 2, 3, 0, 4, 2, 2, 2, 2, 0, 3, 4, 2, 1, 1, 1, 0, 2, 2, 2,
    1, 1, 1, 1, 2, 0, 2, 1, 1, 1, 3, 1, 2, 1, 0, 3, 2, 2, 5, 0, 4, 2, 2, 2, 2, 0, 4, 1, 3, 3, 1, 0,
    1, 2, 2, 4, 2, 1, 0, 1, 3, 1, 1, 1, 1, 2, 1, 1, 0, 2, 2, 1, 2, 3, 2, 0, 2, 2, 2, 3, 3, 0, 2, 1,
    3, 3, 1, 2, 0, 1, 2, 1, 2, 1, 3, 2, 0, 2, 3, 2, 1, 1, 3, 0, 2, 2, 2, 2, 2, 2, 0
};

/* Bias with everything folded in that is the same for all pixels. */
static const int32_t gesture_layer8_bias[32] GESTURE_FLASH = {
    -147936, -115963, -201246, -162599, -209679, -105821, -176377, -185926,
    -156237, -148266, -185735, -153180, -145730, -139539, -167595, -245946,
    -150032, -146133, -184936, -235364, -223208, -126219, -145279, -157561,
    -185069, -265380, -184204, -153001, -188501, -208739, -168446, -184927
};

/* Scales in 32 bits, exact for these weights: multiplier and shift, offset, limit, zero, setback. */
static const int32_t gesture_layer8_scale[160] GESTURE_FLASH = {
    398968234, 8402945, 83711, 16157, 65478,
    377489413, 4256561, 130815, 12604, 65336,
    418431882, 16793574, 69375, 26812, 65421,
    416628954, 16839940, 78335, 30270, 65505,
    397040302, 8450972, 98047, 18946, 65296,
    394373093, 8453116, 129023, 24893, 65860,
    394846377, 8440414, 122111, 23580, 65998,
    399444647, 8440692, 80639, 15589, 65449,
    379556234, 4254495, 104959, 10113, 65865,
    398186224, 8421402, 89087, 17183, 65729,
    401593089, 8444828, 69631, 13458, 66115,
    379081519, 4251029, 109823, 10594, 65959,
    400676588, 8408285, 73983, 14292, 65829,
    398321913, 8453484, 88063, 16995, 65202,
    419010514, 16822774, 66815, 25863, 63816,
    402174681, 8430505, 67327, 12978, 65498,
    400021493, 8401452, 77567, 14954, 65818,
    398235321, 8408762, 88575, 17115, 65553,
    402534125, 8428335, 65791, 12698, 66171,
    417910268, 16832426, 71679, 27728, 65455,
    418086372, 16807351, 70911, 27412, 64994,
    381799326, 4249080, 86271, 8327, 64725,
    399361801, 8428490, 81151, 15685, 67278,
    379465889, 4219329, 105727, 10202, 65449,
    401396976, 8448058, 70655, 13628, 66819,
    417198295, 16789034, 75263, 29086, 67178,
    398648470, 8425504, 85759, 16561, 63400,
    377927590, 4238410, 124159, 11979, 65494,
    401846392, 8416955, 68607, 13245, 65848,
    396410200, 8420321, 103935, 20080, 65437,
    396280097, 8424282, 105471, 20331, 65750,
    401300282, 8412644, 70911, 13714, 65229
};

GESTURE_NOINLINE void gesture_layer8(const int8_t *input, int8_t *output, int8_t *scratch)
{
    gesture_conv_2d_lanes(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 1, 16, 24,
        /* output: width, pixels, channels */ 16, 16, 32,
        /* filter */ 1, 1, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding */ 0, 0, 14,
        GESTURE_TABLE(gesture_layer8_weights), GESTURE_TABLE(gesture_layer8_blocks),
        GESTURE_TABLE(gesture_layer8_bias),
        GESTURE_TABLE(gesture_layer8_scale), /* row, form */ 5, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 9: LEAKY_RELU `functional_1_1/functional_1/leaky_re_lu_1_2/LeakyRelu` (operator 15)
 * int8 [1,16,32] -> int8 [1,16,32]
 * kernel lookup: about 3943 cycles on cortex-m0, 256 bytes of constants
 */
/* Output value for each byte of the input. */
static const int8_t gesture_layer9_table[256] GESTURE_FLASH = {
    -68, -67, -65, -64, -62, -61, -59, -58, -56, -55, -53, -52, -50, -48, -47, -45,
    -44, -42, -41, -39, -38, -36, -35, -33, -32, -30, -29, -27, -25, -24, -22, -21,
    -19, -18, -16, -15, -13, -12, -10, -9, -7, -5, -4, -2, -1, 1, 2, 4,
    5, 7, 8, 10, 11, 13, 14, 16, 18, 19, 21, 22, 24, 25, 27, 28,
    30, 31, 33, 34, 36, 38, 39, 41, 42, 44, 45, 47, 48, 50, 51, 53,
    54, 56, 57, 59, 61, 62, 64, 65, 67, 68, 70, 71, 73, 74, 76, 77,
    79, 81, 82, 84, 85, 87, 88, 90, 91, 93, 94, 96, 97, 99, 100, 102,
    104, 105, 107, 108, 110, 111, 113, 114, 116, 117, 119, 120, 122, 124, 125, 127,
    -128, -128, -128, -128, -128, -128, -127, -127, -127, -127, -127, -127, -126, -126, -126, -126,
    -126, -126, -126, -125, -125, -125, -125, -125, -125, -124, -124, -124, -124, -124, -124, -124,
    -123, -123, -123, -123, -123, -123, -122, -122, -122, -122, -122, -122, -122, -121, -121, -121,
    -121, -121, -121, -120, -120, -120, -120, -120, -120, -120, -119, -119, -119, -119, -119, -119,
    -119, -118, -118, -118, -118, -118, -118, -117, -117, -117, -117, -117, -117, -117, -116, -116,
    -116, -116, -116, -116, -115, -115, -115, -115, -115, -115, -115, -114, -114, -114, -114, -114,
    -114, -113, -113, -113, -111, -110, -108, -107, -105, -104, -102, -101, -99, -98, -96, -95,
    -93, -91, -90, -88, -87, -85, -84, -82, -81, -79, -78, -76, -75, -73, -72, -70
};

GESTURE_NOINLINE void gesture_layer9(const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < 512; i++) {
        output[i] = GESTURE_READ_I8(GESTURE_TABLE(gesture_layer9_table), (uint8_t)input[i]);
    }
}

/* Layer 10: MEAN `functional_1_1/functional_1/global_average_pooling1d_1/Mean` (operator 16)
 * int8 [1,16,32] -> int8 [1,32]
 * kernel mean: about 7846 cycles on cortex-m0, 0 bytes of constants
 */
GESTURE_NOINLINE void gesture_layer10(const int8_t *input, int8_t *output)
{
    for (int32_t i0 = 0; i0 < 32; i0++) {
        int32_t sum = 1808;
        for (int32_t r0 = 0; r0 < 16; r0++) {
            sum += input[i0 + r0 * 32];
        }
        output[i0] = gesture_requantize(
            sum, 1999568049, -3, /* zero point */ -113, /* clamp */ -128, 127);
    }
}

/* Layer 11: FULLY_CONNECTED `functional_1_1/functional_1/dense_1/MatMul` (operator 17)
 * int8 [1,32] -> int8 [1,6], 192 multiply-accumulates
 * kernel matrix_product: about 2629 cycles on cortex-m0, 336 bytes of constants; instead of dense_lanes (4569)
 */
/* Weights [6,32]. */
static const int8_t gesture_layer11_weights[192] GESTURE_FLASH = {
    31, -95, -14, 65, 30, 53, -76, -99, -27, 10, 60, -10, -28, -73, 32, -31, -74, -70, -104, -58, 35, -39, -50, -81,
    -42, 77, -57, -127, -41, -121, 20, -92,
    -37, -35, 122, 46, 86, -58, 81, -77, 4, -12, -101, -122, -86, 5, -13, -45, -19, 54, -88, 109, -34, -88, 4, 85,
    -105, 51, 113, 127, -19, 21, -44, 105,
    -59, 48, 51, -60, -69, -69, 69, 70, 87, 53, 114, 25, -41, -72, -28, -127, 31, 12, -110, 46, -81, 124, 78, -95,
    52, -100, 7, -2, -75, 83, -63, 21,
    54, -27, -48, -61, -38, -70, 15, 86, 73, 43, -55, -59, -38, -15, -93, 53, -55, -68, 83, 19, -99, -60, -18, 103,
    59, -23, -48, 6, 127, 57, -3, -23,
    -79, 103, 1, 37, -24, -97, -47, -25, -60, -66, -49, 97, 78, 120, -44, 41, -44, 127, 87, -81, -10, -101, -84, -1,
    -15, -60, -28, -29, -50, -39, -5, -85,
    60, -127, -100, -43, -21, 70, -110, -100, -30, -106, -19, -59, 70, -49, 75, -75, 90, -20, 6, 65, 30, 1, 63, -63,
    -80, -57, 16, -107, 1, -59, 68, -68
};

/* Bias with everything folded in that is the same for all pixels. */
static const int32_t gesture_layer11_bias[6] GESTURE_FLASH = {
    -23773, 109090, 95306, 95639, 53458, 33115
};

/* Scales in 32 bits, exact for these weights: multiplier and shift, offset, limit, zero, setback. */
static const int32_t gesture_layer11_scale[30] GESTURE_FLASH = {
    408160419, 16794898, 198655, 88516, 32678,
    407254106, 16800868, 237823, 105952, 32509,
    407295565, 16797174, 235775, 105006, 32739,
    407108568, 16800852, 245759, 109413, 32841,
    407445430, 16801087, 228351, 101722, 32901,
    407092409, 16805384, 246527, 109811, 32628
};

GESTURE_NOINLINE void gesture_layer11(const int8_t *input, int8_t *output)
{
    gesture_matrix_product(
        input, output,
        /* rows */ 1, /* depth */ 32, /* units */ 6,
        GESTURE_TABLE(gesture_layer11_weights), GESTURE_TABLE(gesture_layer11_bias),
        GESTURE_TABLE(gesture_layer11_scale), /* row, form */ 5, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 12: SOFTMAX `StatefulPartitionedCall_1:0` (operator 18)
 * int8 [1,6] -> int8 [1,6]
 * kernel softmax: about 1556 cycles on cortex-m0, 500 bytes of constants
 */
/* exp(-distance from the maximum * scale * beta) with 31 fraction bits. */
static const int32_t gesture_layer12_exponentials[125] GESTURE_FLASH = {
    2147483647, 1716726222, 1372372951, 1097092588, 877029938, 701109023, 560475579, 448051391,
    358178041, 286332111, 228897644, 182983700, 146279520, 116937731, 93481527, 74730336,
    59740393, 47757239, 38177750, 30519780, 24397913, 19504004, 15591752, 12464247,
    9964079, 7965413, 6367654, 5090384, 4069319, 3253067, 2600543, 2078907,
    1661905, 1328549, 1062059, 849023, 678721, 542578, 433744, 346741,
    277189, 221588, 177141, 141608, 113204, 90496, 72344, 57833,
    46232, 36959, 29545, 23619, 18881, 15094, 12066, 9646,
    7711, 6164, 4928, 3939, 3149, 2518, 2013, 1609,
    1286, 1028, 822, 657, 525, 420, 336, 268,
    215, 172, 137, 110, 88, 70, 56, 45,
    36, 29, 23, 18, 15, 12, 9, 7,
    6, 5, 4, 3, 2, 2, 2, 1,
    1, 1, 1, 1, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0
};

GESTURE_NOINLINE void gesture_layer12(const int8_t *input, int8_t *output)
{
    gesture_softmax(
        input, output,
        /* rows */ 1, /* classes */ 6,
        GESTURE_TABLE(gesture_layer12_exponentials), /* entries */ 125);
}

static int32_t gesture_arena[(GESTURE_ARENA_BYTES + 3) / 4];

void gesture_run(const int8_t *input, int8_t *output)
{
    int8_t *const memory = (int8_t *)gesture_arena;
    gesture_layer0(input, memory, memory + 1024);
    gesture_layer1(memory, memory + 1024);
    gesture_layer2(memory + 1024, memory);
    gesture_layer3(memory, memory + 768);
    gesture_layer4(memory + 768, memory, memory + 1280);
    gesture_layer5(memory, memory + 768);
    gesture_layer6(memory + 768, memory);
    gesture_layer7(memory, memory + 512);
    gesture_layer8(memory + 512, memory, memory + 896);
    gesture_layer9(memory, memory + 512);
    gesture_layer10(memory + 512, memory);
    gesture_layer11(memory, memory + 32);
    gesture_layer12(memory + 32, output);
}
