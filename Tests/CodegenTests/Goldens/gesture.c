/* gesture: a neural network as C99, written by nncgen. DO NOT EDIT.
 * (the command line stands here)
 */
#include "gesture.h"

/* Where constant tables lie, and how they are read; an index counts elements. GESTURE_TABLE turns the name of a table
   into what functions get. Define all of these to place tables elsewhere. */
#ifndef GESTURE_FLASH
#define GESTURE_FLASH
#define GESTURE_TABLE_I8 const int8_t *
#define GESTURE_TABLE_I16 const int16_t *
#define GESTURE_TABLE_I32 const int32_t *
#define GESTURE_TABLE(name) (name)
#define GESTURE_READ_I8(table, index) ((table)[index])
#define GESTURE_READ_I16(table, index) ((table)[index])
#define GESTURE_READ_I32(table, index) ((table)[index])
#define GESTURE_MOVE_I32(table, count) ((table) + (count))
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

/* Makes compilers compute the value at this place, in this order: regrouped sums and early loads need more registers than
   small cores have. The result is the same without it. */
#ifdef __GNUC__
#define GESTURE_KEEP(value) __asm__ volatile("" : "+r"(value))
#else
#define GESTURE_KEEP(value) ((void)0)
#endif

/* A condition that is seldom true: what follows from it stands out of the way. */
#ifdef __GNUC__
#define GESTURE_RARELY(condition) __builtin_expect(condition, 0)
#else
#define GESTURE_RARELY(condition) (condition)
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

/* The output value of a channel that needs 64 bits: see `narrow`. */
GESTURE_NOINLINE int8_t gesture_narrow_full(int32_t value, GESTURE_TABLE_I32 scale, int32_t low, int32_t span)
{
    return gesture_requantize(
        value, GESTURE_READ_I32(scale, 1), (int8_t)(GESTURE_READ_I32(scale, 0) >> 4), GESTURE_READ_I32(scale, 2), low,
        low + span);
}

/* Output values for `count` sums of each of some rows, in 32 bits: exact for every sum that the weights allow. The sums of a
   row begin `pitch` behind those of the one before; the output values of a row lie value_step apart, and the rows row_step.
   The rows are channels, whose scales lie row_length apart, or of one channel, and row_length is 0. The sums are
   accumulators less an origin, their scales are those of `narrow`. */
GESTURE_NOINLINE void gesture_narrow_sums(
    const uint32_t *GESTURE_RESTRICT sums, int32_t pitch, int32_t rows, int32_t count,
    int8_t *GESTURE_RESTRICT output, int32_t row_step, int32_t value_step,
    GESTURE_TABLE_I32 scale, int32_t at, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    /* Read from memory where they are needed: the loops leave no registers for them. */
    const volatile int32_t skip = pitch - count;
    const volatile int32_t back = row_step - count * value_step;
    /* How many rows have the same scale. */
    const int32_t same = row_length == 0 ? rows : 1;
    int32_t channels = row_length == 0 ? 1 : rows;
    scale = GESTURE_MOVE_I32(scale, at);
    if (form == 0) {
        do {
            uint32_t exponent = (uint32_t)GESTURE_READ_I32(scale, 0);
            uint32_t multiplier = (uint32_t)GESTURE_READ_I32(scale, 1);
            uint32_t offset = exponent << 20;
            uint32_t limit = multiplier << 24;
            uint32_t shift;
            int32_t left = same;
            exponent &= 15u;
            shift = exponent < 8u ? exponent + 16u : 24u;
            multiplier >>= 8;
            GESTURE_KEEP(offset);
            offset = (offset >> 24) * multiplier >> 16;
            offset += (uint32_t)low << shift; /* of the result only the lower 8 bits count */
            GESTURE_KEEP(limit);
            limit = (256u + (limit >> 24)) << exponent;
            do {
                const uint32_t *const end = sums + count;
                do {
                    uint32_t value = *sums++;
                    uint32_t result = (uint32_t)low;
                    GESTURE_KEEP(value);
                    if ((int32_t)value > 0) {
                        uint32_t part;
                        uint8_t byte;
                        if (GESTURE_RARELY(value > limit)) {
                            value = limit;
                            GESTURE_KEEP(value);
                        }
                        byte = (uint8_t)value;
                        GESTURE_KEEP(byte);
                        part = byte * multiplier;
                        part >>= 8;
                        value >>= 8;
                        value *= multiplier;
                        value += offset;
                        value += part;
                        result = value >> shift;
                    }
                    GESTURE_KEEP(result);
                    *output = (int8_t)result;
                    output += value_step;
                } while (sums != end);
                sums += skip;
                output += back;
            } while (--left != 0);
            scale = GESTURE_MOVE_I32(scale, row_length);
        } while (--channels != 0);
    } else {
        do {
            uint32_t exponent = (uint32_t)GESTURE_READ_I32(scale, 0);
            uint32_t multiplier = (uint32_t)GESTURE_READ_I32(scale, 1);
            uint32_t offset = exponent << 20;
            uint32_t limit = multiplier << 24;
            uint32_t shift;
            int32_t left = same;
            uint32_t later = (uint32_t)GESTURE_READ_I32(scale, 2);
            uint32_t turn = later >> 23;
            exponent &= 15u;
            shift = exponent < 8u ? exponent + 16u : 24u;
            multiplier >>= 8;
            GESTURE_KEEP(offset);
            offset = (offset >> 24) * multiplier >> 16;
            offset += (uint32_t)low << shift;
            GESTURE_KEEP(limit);
            limit = (256u + (limit >> 24)) << exponent;
            turn <<= exponent;
            /* The offset from the turn on. */
            later = (later << 9 >> 9) + offset;
            GESTURE_KEEP(later);
            do {
                const uint32_t *const end = sums + count;
                if (form == 2 && ((uint32_t)GESTURE_READ_I32(scale, 0) & 15u) == 15u) {
                    do {
                        *output = gesture_narrow_full((int32_t)*sums, scale, low, span);
                        output += value_step;
                    } while (++sums != end);
                } else {
                    do {
                        uint32_t value = *sums++;
                        uint32_t result = (uint32_t)low;
                        GESTURE_KEEP(value);
                        if ((int32_t)value > 0) {
                            uint32_t part;
                            uint32_t start;
                            uint8_t byte;
                            if (GESTURE_RARELY(value > limit)) {
                                value = limit;
                                GESTURE_KEEP(value);
                            }
                            byte = (uint8_t)value;
                            GESTURE_KEEP(byte);
                            part = byte * multiplier;
                            part >>= 8;
                            start = offset;
                            if (value >= turn) {
                                start = later;
                            }
                            value >>= 8;
                            value *= multiplier;
                            value += start;
                            value += part;
                            result = value >> shift;
                        }
                        GESTURE_KEEP(result);
                        *output = (int8_t)result;
                        output += value_step;
                    } while (sums != end);
                }
                sums += skip;
                output += back;
            } while (--left != 0);
            scale = GESTURE_MOVE_I32(scale, row_length);
        } while (--channels != 0);
    }
}

/* Sums of products of four pixels, two to a word, with the weights of some filters, four to a word, and the filter's bias.
   The halves of a word are emptied behind each four weights, before they overflow. Where four are too many, the last two of
   them are 0, and stand in `pairs` instead: for each such word how many words further it is, then the two; 255 ends the
   filter. Gives the rest of `pairs`. */
GESTURE_NOINLINE GESTURE_TABLE_I8 gesture_lane_sums(
    const uint32_t *GESTURE_RESTRICT patch, int32_t words, GESTURE_TABLE_I32 weights,
    GESTURE_TABLE_I8 pairs, GESTURE_TABLE_I32 bias, int32_t bias_step, int32_t bias_shift, int32_t filter,
    uint32_t *GESTURE_RESTRICT sums, const uint32_t *end)
{
    const uint32_t *const patch_end = patch + 8 * words;
    /* A lower half is a signed number: what is above it is the upper half, rounded. */
    uint32_t half = 0x8000u;
    GESTURE_KEEP(half);
    do {
        const uint32_t *lane = patch;
        /* Sums of the upper halves, and of whole words: without the upper halves these are the sums of the lower ones. */
        uint32_t high0 = (uint32_t)(GESTURE_READ_I32(bias, filter * bias_step) >> bias_shift);
        uint32_t high1 = high0;
        uint32_t both0 = high0 + (high0 << 16);
        uint32_t both1 = both0;
        uint32_t skip;
        do {
            const int32_t four = GESTURE_READ_I32(weights, 0);
            uint32_t weight = (uint32_t)(int32_t)(int8_t)four;
            uint32_t a = lane[0] * weight;
            uint32_t b;
            weights = GESTURE_MOVE_I32(weights, 1);
            GESTURE_KEEP(a);
            b = lane[1] * weight;
            GESTURE_KEEP(b);
            weight = (uint32_t)(int32_t)(int8_t)(four >> 8);
            a += lane[2] * weight;
            GESTURE_KEEP(a);
            b += lane[3] * weight;
            GESTURE_KEEP(b);
            weight = (uint32_t)(int32_t)(int8_t)(four >> 16);
            a += lane[4] * weight;
            GESTURE_KEEP(a);
            b += lane[5] * weight;
            GESTURE_KEEP(b);
            weight = (uint32_t)(four >> 24);
            a += lane[6] * weight;
            GESTURE_KEEP(a);
            both0 += a;
            high0 += (uint32_t)((int32_t)(a + half) >> 16);
            b += lane[7] * weight;
            GESTURE_KEEP(b);
            both1 += b;
            high1 += (uint32_t)((int32_t)(b + half) >> 16);
            lane += 8;
            GESTURE_KEEP(lane);
        } while (lane != patch_end);
        lane = patch;
        for (;;) {
            skip = (uint8_t)GESTURE_READ_I8(pairs, 0);
            pairs += 1;
            if (skip == 255u) {
                break;
            }
            {
                const uint32_t weight0 = (uint32_t)(int32_t)GESTURE_READ_I8(pairs, 0);
                const uint32_t weight1 = (uint32_t)(int32_t)GESTURE_READ_I8(pairs, 1);
                uint32_t a;
                uint32_t b;
                lane += 8 * skip;
                a = lane[4] * weight0 + lane[6] * weight1;
                b = lane[5] * weight0 + lane[7] * weight1;
                both0 += a;
                high0 += (uint32_t)((int32_t)(a + half) >> 16);
                both1 += b;
                high1 += (uint32_t)((int32_t)(b + half) >> 16);
                lane += 8;
                pairs += 2;
            }
        }
        filter++;
        sums[0] = both0 - (high0 << 16);
        sums[1] = high0;
        sums[2] = both1 - (high1 << 16);
        sums[3] = high1;
        sums += 4;
    } while (sums != end);
    return pairs;
}

/* What the filters see at four pixels: for each tap two words, with a pixel in each half, plus `origin`. `position` is the
   column of the first pixel in the output, and the top and left of what its filter covers; it moves on by four pixels. What
   lies behind the last pixel of the image means nothing. */
GESTURE_NOINLINE void gesture_lane_patch(
    const int8_t *GESTURE_RESTRICT input, uint32_t *GESTURE_RESTRICT patch,
    int32_t input_height, int32_t input_width, int32_t channels, int32_t output_width,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x,
    int32_t dilation_y, int32_t dilation_x, int32_t pad_left, int32_t pad_value,
    uint32_t origin, int32_t *GESTURE_RESTRICT position)
{
    const int8_t pad = (int8_t)pad_value;
    int32_t column = position[0];
    int32_t top = position[1];
    int32_t left = position[2];
    for (int32_t half = 0; half < 2; half++) {
        uint32_t *lane = patch + half;
        int32_t tops[2];
        int32_t lefts[2];
        int32_t run;
        for (int32_t i = 0; i < 2; i++) {
            tops[i] = top;
            lefts[i] = left;
            left += stride_x;
            if (++column == output_width) {
                column = 0;
                left = -pad_left;
                top += stride_y;
            }
        }
        /* Columns that lie side by side in memory. */
        run = dilation_x == 1 && lefts[0] >= 0 && lefts[0] + filter_width <= input_width && lefts[1] >= 0
                && lefts[1] + filter_width <= input_width
            ? filter_width
            : 1;
        for (int32_t ky = 0; ky < filter_height; ky++) {
            const int32_t y0 = tops[0] + ky * dilation_y;
            const int32_t y1 = tops[1] + ky * dilation_y;
            for (int32_t kx = 0; kx < filter_width; kx += run) {
                const int32_t x0 = lefts[0] + kx * dilation_x;
                const int32_t x1 = lefts[1] + kx * dilation_x;
                const int32_t step0 = y0 >= 0 && y0 < input_height && x0 >= 0 && x0 < input_width;
                const int32_t step1 = y1 >= 0 && y1 < input_height && x1 >= 0 && x1 < input_width;
                const int8_t *pixel0 = step0 ? input + (y0 * input_width + x0) * channels : &pad;
                const int8_t *pixel1 = step1 ? input + (y1 * input_width + x1) * channels : &pad;
                const int32_t count = run * channels;
                if (step0 && step1) {
                    for (int32_t i = 0; i < count; i++) {
                        *lane = (uint32_t)(int32_t)pixel0[i] + ((uint32_t)(int32_t)pixel1[i] << 16) + origin;
                        lane += 2;
                    }
                } else {
                    for (int32_t i = 0; i < count; i++) {
                        *lane = (uint32_t)(int32_t)*pixel0 + ((uint32_t)(int32_t)*pixel1 << 16) + origin;
                        pixel0 += step0;
                        pixel1 += step1;
                        lane += 2;
                    }
                }
            }
        }
    }
    position[0] = column;
    position[1] = top;
    position[2] = left;
}

/* 2-D convolution of four pixels at a time, two in the halves of a word: one multiplication serves both. `sums` has room for
   those of 16 filters. */
GESTURE_NOINLINE void gesture_conv_2d_lanes(
    const int8_t *input, int8_t *output, uint32_t *GESTURE_RESTRICT sums,
    int32_t input_height, int32_t input_width, int32_t channels,
    int32_t output_width, int32_t pixels, int32_t filters,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x,
    int32_t dilation_y, int32_t dilation_x, int32_t pad_top, int32_t pad_left, int32_t pad_value,
    GESTURE_TABLE_I32 weights, int32_t words, GESTURE_TABLE_I8 pairs,
    GESTURE_TABLE_I32 bias, int32_t bias_step, int32_t bias_shift,
    GESTURE_TABLE_I32 scale, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    uint32_t *const patch = sums + 64;
    int32_t position[3] = { 0, -pad_top, -pad_left };
    /* Weights of 0 fill the last word of a filter: what stands there does not matter, but it must be something. */
    for (int32_t i = 8; i > 0; i--) {
        patch[8 * words - i] = 0;
    }
    for (int32_t pixel = 0; pixel < pixels; pixel += 4) {
        const int32_t count = pixels - pixel < 4 ? pixels - pixel : 4;
        GESTURE_TABLE_I8 pair = pairs;
        gesture_lane_patch(
            input, patch, input_height, input_width, channels, output_width, filter_height, filter_width,
            stride_y, stride_x, dilation_y, dilation_x, pad_left, pad_value, 0, position);
        for (int32_t filter = 0; filter < filters; filter += 16) {
            const int32_t some = filters - filter < 16 ? filters - filter : 16;
            pair = gesture_lane_sums(
                patch, words, GESTURE_MOVE_I32(weights, filter * words), pair, bias, bias_step, bias_shift, filter,
                sums, sums + 4 * some);
            gesture_narrow_sums(
                sums, 4, some, count, output + filter, 1, filters, scale, filter * row_length, row_length, form, low,
                span);
        }
        output += count * filters;
    }
}

/* Largest of the pixels of each window that lie inside of the image. */
static void gesture_max_pool(
    const int8_t *input, int8_t *output,
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

/* One row of sums of filters of any size. The taps of a filter are pairs: the weight, and how far its pixel lies behind that
   of the tap before; pixels of neighbouring sums are neighbours. An odd number of sums is followed by one to ignore. */
GESTURE_NOINLINE void gesture_row_taps(
    const uint8_t *pixels, const int32_t *taps, const int32_t *taps_end, uint32_t start,
    uint32_t *GESTURE_RESTRICT sum, int32_t count)
{
    /* A weight that is loaded serves four sums. */
    for (; count > 2; count -= 4) {
        const uint8_t *pixel = pixels;
        const int32_t *tap = taps;
        uint32_t a = start;
        uint32_t b = start;
        uint32_t c = start;
        uint32_t d = start;
        do {
            uint32_t w;
            pixel += tap[1];
            GESTURE_KEEP(pixel);
            w = (uint32_t)tap[0];
            tap += 2;
            a += pixel[0] * w;
            GESTURE_KEEP(a);
            b += pixel[1] * w;
            GESTURE_KEEP(b);
            c += pixel[2] * w;
            GESTURE_KEEP(c);
            d += pixel[3] * w;
            GESTURE_KEEP(d);
        } while (tap != taps_end);
        sum[0] = a;
        sum[1] = b;
        sum[2] = c;
        sum[3] = d;
        sum += 4;
        pixels += 4;
    }
    if (count > 0) {
        const uint8_t *pixel = pixels;
        const int32_t *tap = taps;
        uint32_t a = start;
        uint32_t b = start;
        do {
            uint32_t w;
            pixel += tap[1];
            GESTURE_KEEP(pixel);
            w = (uint32_t)tap[0];
            tap += 2;
            a += pixel[0] * w;
            GESTURE_KEEP(a);
            b += pixel[1] * w;
            GESTURE_KEEP(b);
        } while (tap != taps_end);
        sum[0] = a;
        sum[1] = b;
    }
}

/* Copies a row of a channel, plus 128. Pixels that are stride_x apart become neighbours, in runs of run_pitch bytes: so the
   sums of neighbouring outputs read neighbours whatever the stride is. The first pixel comes to `place`. */
GESTURE_NOINLINE void gesture_channel_row(
    const int8_t *GESTURE_RESTRICT input, int32_t position, int32_t width, int32_t channels,
    uint8_t *GESTURE_RESTRICT row, int32_t place, int32_t stride_x, int32_t run_pitch)
{
    const int32_t end = position + width * channels;
    const int32_t step = stride_x * channels;
    for (int32_t run = 0; run < stride_x && position < end; run++) {
        uint8_t *to = row + place;
        int32_t from = position;
        do {
            *to++ = (uint8_t)(input[from] + 128);
            from += step;
        } while (from < end);
        position += channels;
        place += run_pitch;
        if (place >= stride_x * run_pitch) {
            place -= stride_x * run_pitch - 1;
        }
    }
}

/* Depthwise convolution, channel by channel: the rows of one channel that a row of the output needs stand in the scratch
   memory, behind the taps and as many sums as `batch` rows of the output have. A new row takes the place of the oldest one. */
GESTURE_NOINLINE void gesture_depthwise_rows(
    const int8_t *input, int8_t *output, int8_t *GESTURE_RESTRICT scratch,
    int32_t input_height, int32_t input_width, int32_t channels,
    int32_t output_height, int32_t output_width, int32_t depth_multiplier,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x,
    int32_t dilation_y, int32_t dilation_x, int32_t pad_top, int32_t pad_left, int32_t pad_value,
    int32_t run_pitch, int32_t batch,
    GESTURE_TABLE_I8 weights, GESTURE_TABLE_I32 bias, int32_t bias_step, int32_t bias_shift,
    GESTURE_TABLE_I32 scale, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    const int32_t filters = channels * depth_multiplier;
    const int32_t height = (filter_height - 1) * dilation_y + 1; /* rows that are kept */
    const int32_t pitch = stride_x * run_pitch;
    const int32_t size = height * pitch;
    const int32_t first = pad_left % stride_x * run_pitch + pad_left / stride_x; /* place of the image's first pixel */
    int32_t *const taps = (int32_t *)(void *)scratch;
    int32_t *const taps_end = taps + 2 * filter_height * filter_width;
    uint32_t *const sums = (uint32_t *)(void *)(scratch + 8 * filter_height * filter_width);
    const uint32_t *const sums_end = sums + batch * output_width;
    uint8_t *const rows = (uint8_t *)(sums + batch * output_width + 1);
    const uint8_t pad = (uint8_t)(pad_value + 128);
    int32_t last = 0; /* place of the last tap of a row */
    int32_t channel = 0;
    int32_t uses = depth_multiplier;
    for (int32_t i = 0; i < size; i++) {
        rows[i] = pad;
    }
    for (int32_t *tap = taps; tap != taps_end;) {
        last = 0;
        for (int32_t kx = 0; kx < filter_width; kx++) {
            const int32_t x = kx * dilation_x;
            const int32_t place = x % stride_x * run_pitch + x / stride_x;
            tap[1] = place - last;
            last = place;
            tap += 2;
        }
    }
    for (int32_t filter = 0; filter < filters; filter++) {
        const uint32_t start = (uint32_t)(GESTURE_READ_I32(bias, filter * bias_step) >> bias_shift);
        int8_t *out = output + filter;
        uint32_t *sum = sums;
        int32_t position = channel; /* of the next row in the input */
        int32_t oldest = 0; /* the place of the oldest row */
        int32_t next = -pad_top; /* row of the image that has not been read yet */
        int32_t bottom = height - pad_top;
        int32_t weight = filter;
        for (int32_t *tap = taps; tap != taps_end; tap += 2) {
            tap[0] = GESTURE_READ_I8(weights, weight);
            weight += filters;
        }
        for (int32_t y = 1; y <= output_height; y++) {
            int32_t place;
            int32_t before = 0;
            for (; next < bottom; next++) {
                if (next >= 0 && next < input_height) {
                    gesture_channel_row(
                        input, position, input_width, channels, rows + oldest, first, stride_x, run_pitch);
                    position += input_width * channels;
                } else {
                    uint8_t *to = rows + oldest;
                    const uint8_t *const end = to + pitch;
                    do {
                        *to++ = pad;
                    } while (to != end);
                }
                oldest += pitch;
                if (oldest == size) {
                    oldest = 0;
                }
            }
            bottom += stride_y;
            place = oldest;
            for (int32_t *tap = taps; tap != taps_end; tap += 2 * filter_width) {
                tap[1] = place - before;
                before = place + last;
                place += dilation_y * pitch;
                if (place >= size) {
                    place -= size;
                }
            }
            gesture_row_taps(rows, taps, taps_end, start, sum, output_width);
            sum += output_width;
            if (sum == sums_end || y == output_height) {
                const int32_t count = (int32_t)(sum - sums);
                gesture_narrow_sums(
                    sums, 0, 1, count, out, 0, filters, scale, filter * row_length, row_length, form, low, span);
                out += count * filters;
                sum = sums;
            }
        }
        if (--uses == 0) {
            uses = depth_multiplier;
            channel++;
        }
    }
}

/* The output value for `value` = accumulator - origin, in 32 bits: exact for every accumulator that the weights allow.
   The scale begins at element `at` of the table: in the lowest bits of the first word 8 bits of the offset and 4 of an
   exponent, from which the shift follows; in the second word the multiplier, and 8 bits of the limit. Form 1 has a third word:
   9 bits of the value from which on its other bits are added, the setback. In form 2 the exponent 15 marks a channel that needs
   64 bits: the offset's bits are its shift, multiplier and zero point follow. */
GESTURE_NOINLINE int8_t gesture_narrow(
    int32_t value, GESTURE_TABLE_I32 scale, int32_t at, int32_t form, int32_t low, int32_t span)
{
    const uint32_t place = (uint32_t)GESTURE_READ_I32(scale, at);
    const uint32_t exponent = place & 15u;
    if (form == 2 && exponent == 15u) {
        return gesture_requantize(
            value, GESTURE_READ_I32(scale, at + 1), (int8_t)(place >> 4), GESTURE_READ_I32(scale, at + 2), low,
            low + span);
    }
    if (value > 0) {
        const uint32_t factor = (uint32_t)GESTURE_READ_I32(scale, at + 1);
        const uint32_t multiplier = factor >> 8;
        int32_t limit;
        uint32_t steps;
        uint8_t byte;
        byte = (uint8_t)factor;
        GESTURE_KEEP(byte);
        limit = (int32_t)((256u + (uint32_t)byte) << exponent);
        if (GESTURE_RARELY(value > limit)) {
            value = limit;
            GESTURE_KEEP(value);
        }
        byte = (uint8_t)value;
        GESTURE_KEEP(byte);
        steps = (uint32_t)byte * multiplier >> 8;
        steps += ((uint32_t)value >> 8) * multiplier;
        steps += (place << 20 >> 24) * multiplier >> 16;
        if (form != 0) {
            const uint32_t setback = (uint32_t)GESTURE_READ_I32(scale, at + 2);
            if (value >= (int32_t)((setback >> 23) << exponent)) {
                steps += setback << 9 >> 9;
            }
        }
        low += (int32_t)(steps >> (exponent < 8u ? exponent + 16u : 24u));
    }
    return (int8_t)low;
}

/* output[row][unit] = bias[unit] + sum of input[row][d] * weights[unit][d] over d, requantized. */
GESTURE_NOINLINE void gesture_matrix_product(
    const int8_t *input, int8_t *output,
    int32_t rows, int32_t depth, int32_t units,
    GESTURE_TABLE_I8 weights, GESTURE_TABLE_I32 bias, int32_t bias_step, int32_t bias_shift,
    GESTURE_TABLE_I32 scale, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    for (int32_t row = 0; row < rows; row++) {
        GESTURE_TABLE_I8 weight = weights;
        for (int32_t unit = 0; unit < units; unit++) {
            uint32_t sum = (uint32_t)(GESTURE_READ_I32(bias, unit * bias_step) >> bias_shift);
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
 * kernel conv_2d_lanes: about 141932 cycles on cortex-m0, 488 bytes of constants, 384 of working memory
 * fewest cycles; instead of conv_2d_sparse (172521 cycles), conv_2d_rows (347800 cycles), conv_2d_huffman (470582 cycles), conv_2d_taps (479517 cycles)
 */
/* Weights [16,1,5,3], four to a word, 4 words for each output channel. */
static const int32_t gesture_layer0_weights[64] GESTURE_FLASH = {
    57220, 15505, 455440582, 2503034, 45953, 536864454, -622219750, 15648418,
    2130643572, 148109593, -40901099, 955009, -1961888529, 478274852, 185725169, 644963,
    -47800004, 839646926, -958653158, 15237477, -1210547715, -1177289722, 199102181, 15326495,
    34673394, -300901639, 604131110, 13893759, -289341311, 13720, 41408, 15451354,
    2145905926, -519851751, -536476139, 1446223, 60624631, 267629049, 2147420763, 13496076,
    -1141693567, -593227983, -1020717070, 3298761, 213014716, -507115712, 703067076, 16295809,
    199706466, 1026023440, 451378973, 15070329, 52436, 5029, -217732160, 13458128,
    453133496, 2135028772, -1452997111, 723465, 28794, -781957669, 434726332, 2090625
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t gesture_layer0_pairs[40] GESTURE_FLASH = {
    0, -27, -127, 0, 26, -72, -1, 0, -9, -113, -1, -1, -1, -1, -1, -1, 1, -81, -82, 0, 32, 69, -1, -1, -1, -1, -1,
    -1, 0, -127, 41, 0,
    -122, 56, -1, -1, 0, -87, 1, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t gesture_layer0_scale[48] GESTURE_FLASH = {
    222651256, -1735549524, 1904278644, 399919561, 1522319720, 1602256874, 191657336, -1268873622, 1610678111,
    230639368, -1660661344, 1853947543,
    276322168, -1945782573, 2072051642, 247202744, -1670351710, 1853946320, 234874360, -1357595787, 1661009667,
    380302409, 1545924963, 1577091441,
    225915928, -1170892705, 1560346771, 96150871, -1285338260, 1619071479, 302432424, -2137408260, -2038366451,
    286366712, -2016951071, 2139160505,
    437323785, 1452406138, 1677754689, 349883129, 1970288406, 1241546964, 354044585, 2003971346, 1216377489,
    277951336, -1977312295, 2105606425
};

GESTURE_NOINLINE void gesture_layer0(const int8_t *input, int8_t *output, int8_t *scratch)
{
    gesture_conv_2d_lanes(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 1, 64, 3,
        /* output: width, pixels, channels */ 64, 64, 16,
        /* filter */ 1, 5, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding */ 0, 2, -8,
        GESTURE_TABLE(gesture_layer0_weights), /* words */ 4, GESTURE_TABLE(gesture_layer0_pairs),
        GESTURE_TABLE(gesture_layer0_scale), /* step, shift */ 3, 12,
        GESTURE_TABLE(gesture_layer0_scale), /* row, form */ 3, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 1: HARD_SWISH `functional_1_1/functional_1/lambda_1/mul_1` (operator 3)
 * int8 [1,64,16] -> int8 [1,64,16]
 * kernel lookup: about 7682 cycles on cortex-m0, 256 bytes of constants
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
 * kernel max_pool: about 14620 cycles on cortex-m0, 0 bytes of constants
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
 * kernel depthwise_rows: about 44581 cycles on cortex-m0, 272 bytes of constants, 208 of working memory
 * fewest cycles; instead of depthwise_taps (115570 cycles)
 */
/* Weights [1,1,5,16]. */
static const int8_t gesture_layer3_weights[80] GESTURE_FLASH = {
    127, -127, 71, 41, -89, -127, 9, -76, 48, 5, -127, 6, -106, 67, 127, -123,
    83, 57, 11, -127, -81, -97, 85, -14, 28, -61, -64, -127, 92, -112, 18, -59,
    -56, 83, -116, -79, 36, -29, 92, -127, 56, -108, 5, 6, 70, 113, 1, 1,
    -54, 73, -127, 52, 127, 55, 17, -2, -47, -81, 67, 104, 125, 6, -62, 16,
    121, 44, -121, 52, 44, 115, -127, -36, -127, -127, 88, 66, 127, -127, -82, -127
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t gesture_layer3_scale[48] GESTURE_FLASH = {
    186005464, -1126653862, 1577124095, 148363352, -264420080, 1241579583, 237757145, -1509124864, 897646441,
    190483272, -968089017, 1501625968,
    160650264, -455834594, 1300300017, 209942504, -1265087894, 1644233003, 142775992, -37696766, 1174471040,
    200181848, -970980608, 1501626105,
    171705481, -618147328, 679542615, 185826621, -572082944, 42000116, 147795320, -30709759, 1166080542, 220122122,
    -1495737088, 444660702,
    318561225, 1869176101, 1333820874, 302406201, 2080526080, 1199603840, 154341944, -256256240, 1233191518,
    344680730, 1888254976, 662729865
};

GESTURE_NOINLINE void gesture_layer3(const int8_t *input, int8_t *output, int8_t *scratch)
{
    gesture_depthwise_rows(
        input, output, scratch,
        /* input */ 1, 32, 16,
        /* output */ 1, 32, /* multiplier */ 1,
        /* filter */ 1, 5, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding: top, left, value */ 0, 2, -116,
        /* bytes of a run */ 36, /* batch */ 1,
        GESTURE_TABLE(gesture_layer3_weights), GESTURE_TABLE(gesture_layer3_scale), /* step, shift */ 3, 12,
        GESTURE_TABLE(gesture_layer3_scale), /* row, form */ 3, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 4: CONV_2D `..._1_1/functional_1/batch_normalization_1_2/batchnorm/add_1` (operator 7)
 * int8 [1,1,32,16] -> int8 [1,1,32,24], 12288 multiply-accumulates
 * kernel conv_2d_lanes: about 103024 cycles on cortex-m0, 762 bytes of constants, 384 of working memory
 * fewest cycles; instead of conv_2d_sparse (126406 cycles), dense_packed (129953 cycles), matrix_product (186792 cycles), dense_huffman (207955 cycles), dense_sparse (230869 cycles), dense_squares (246111 cycles), conv_2d_rows (267400 cycles), conv_2d_taps (285796 cycles), conv_2d_huffman (312861 cycles)
 */
/* Weights [24,1,1,16], four to a word, 4 words for each output channel. */
static const int32_t gesture_layer4_weights[96] GESTURE_FLASH = {
    937406964, 556815107, 47546361, -1607912391, 36124, 52437, 897579556, -1125572336,
    556880381, 32725, 684410363, 1731337679, 1190212243, 2132806167, 20573, 872795427,
    399586298, -971569127, -183686450, -1041962881, 34638, -1361448003, -490199580, 713097280,
    -350931454, 129567352, 7139, 12448, 43153, 1363343888, 14020, -852612924,
    44181, -352978619, 16295, 270892809, -268235331, -220204274, -232909738, 384686721,
    407677989, 44723, 6311, 61809858, -83145007, 39297, -1032262389, 47784,
    419367676, -286125294, -32734760, -81991982, 46948, -140006077, 64674, 26649,
    259995089, -773866453, 255795904, -1126683358, 33056, 104994865, -953940008, -3266081,
    -969479599, -159310019, -968451309, -754185293, 2145584679, 1037775558, 1429401959, 722280452,
    648080606, 32563, 63093555, 242157844, 288281304, 276905255, 992329787, 1426466500,
    236505360, 2131893524, -263207673, -653861338, -15809965, 54489, -576712813, -2130329616,
    -517489098, -230312033, 10534, 513069324, 322223559, -68884952, -239894024, -537267163
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t gesture_layer4_pairs[90] GESTURE_FLASH = {
    -1, 0, 116, -49, 0, 83, 80, -1, 1, -18, -80, -1, 2, 51, 97, -1, -1, 0, 78, 33, -1, 2, -99, -115, 0, 127, -76,
    -1, 0, -27, -127, 1,
    -103, -72, -1, 0, 90, -2, 1, -54, -117, -1, -1, 1, 104, 37, 0, 18, 127, -1, 1, -49, 29, 1, -92, 94, -1, -1, 0,
    66, 43, 1, -87, -123,
    0, -19, 127, -1, -1, 0, 62, -65, -1, -1, -1, 1, 39, 95, -1, -1, -1, 1, 71, -104, -1, 2, 127, -88, -1, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t gesture_layer4_scale[72] GESTURE_FLASH = {
    93897431, -1731561556, 1610678394, 126884056, -492338911, 1082195944, 110531464, -124594937, 989920923,
    84377447, -1681515356, 1577123606,
    66180247, -966888886, 1241579311, 115127495, -1765465679, 1627455912, 126908200, -124488953, 989921458,
    151602312, -573030361, 1107363037,
    148590744, -508861662, 1090584495, 75577623, -194206708, 1006698376, 114458631, -2034916379, 1820394224,
    153384792, -559130330, 1107361351,
    57066966, -1825726020, 1669398455, 126600488, -184118773, 1006697976, 112345399, -2014774815, 1803616294,
    81388807, -991868340, 1249967660,
    107202023, -1616160871, 1535180225, 76084775, -1550408048, 1501627690, 105848727, -2097629197, 1870725149,
    103318103, -1715802455, 1593900938,
    99636855, -1636642148, 1551957908, 133445528, -132627448, 989920535, 123361720, -7037184, 964755022, 115696391,
    -1810090567, 1661010099
};

GESTURE_NOINLINE void gesture_layer4(const int8_t *input, int8_t *output, int8_t *scratch)
{
    gesture_conv_2d_lanes(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 1, 32, 16,
        /* output: width, pixels, channels */ 32, 32, 24,
        /* filter */ 1, 1, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding */ 0, 0, 10,
        GESTURE_TABLE(gesture_layer4_weights), /* words */ 4, GESTURE_TABLE(gesture_layer4_pairs),
        GESTURE_TABLE(gesture_layer4_scale), /* step, shift */ 3, 12,
        GESTURE_TABLE(gesture_layer4_scale), /* row, form */ 3, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 5: LEAKY_RELU `functional_1_1/functional_1/leaky_re_lu_1/LeakyRelu` (operator 9)
 * int8 [1,32,24] -> int8 [1,32,24]
 * kernel lookup: about 5762 cycles on cortex-m0, 256 bytes of constants
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
 * kernel max_pool: about 10965 cycles on cortex-m0, 0 bytes of constants
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
 * kernel depthwise_rows: about 38631 cycles on cortex-m0, 408 bytes of constants, 128 of working memory
 * fewest cycles; instead of depthwise_taps (89550 cycles)
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

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t gesture_layer7_scale[72] GESTURE_FLASH = {
    283498297, 2108584708, 1216380752, 284673033, -1766930176, 1015085435, 475321338, 1408021248, 914391030,
    220788552, -1655351393, 1946223067,
    275242825, -1803461120, 1031864400, 203578328, -1512728950, 1845559441, 202293176, -1617940838, 1912667980,
    292842010, -1786896384, 511769013,
    207743018, -1043808512, 394328382, 186872265, -689613568, 713097072, 311243401, -1998817024, 1115751379,
    247013596, -1354091264, 109115183,
    269226936, -1644670719, 1937834383, 232401368, -907374080, 1518399991, 809061130, 826032128, 1551908509,
    405331611, 1495161344, 427851768,
    244934570, -1399816448, 444658411, 237699784, -1056486400, 1585511865, 174667480, -1304379025, 1711342602,
    344269689, 1826541868, 1400930262,
    302787867, 2064318464, 310411190, 467759355, 1339012608, 478184018, 339780441, -2128904704, 1182858734,
    254386441, -1544153600, 931196198
};

GESTURE_NOINLINE void gesture_layer7(const int8_t *input, int8_t *output, int8_t *scratch)
{
    gesture_depthwise_rows(
        input, output, scratch,
        /* input */ 1, 16, 24,
        /* output */ 1, 16, /* multiplier */ 1,
        /* filter */ 1, 5, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding: top, left, value */ 0, 2, -109,
        /* bytes of a run */ 20, /* batch */ 1,
        GESTURE_TABLE(gesture_layer7_weights), GESTURE_TABLE(gesture_layer7_scale), /* step, shift */ 3, 12,
        GESTURE_TABLE(gesture_layer7_scale), /* row, form */ 3, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 8: CONV_2D `..._1_1/functional_1/batch_normalization_2_1/batchnorm/add_1` (operator 13)
 * int8 [1,1,16,24] -> int8 [1,1,16,32], 12288 multiply-accumulates
 * kernel conv_2d_lanes: about 82757 cycles on cortex-m0, 1286 bytes of constants, 448 of working memory
 * fewest cycles; instead of dense_packed (100955 cycles), conv_2d_sparse (101442 cycles), matrix_product (168747 cycles), dense_sparse (207515 cycles), dense_huffman (211049 cycles), dense_squares (222054 cycles), conv_2d_rows (222702 cycles), conv_2d_taps (240071 cycles), conv_2d_huffman (283645 cycles)
 */
/* Weights [32,1,1,24], four to a word, 6 words for each output channel. */
static const int32_t gesture_layer8_weights[192] GESTURE_FLASH = {
    -351065605, 217784959, -1108410892, 84693734, 28994, -421164343, -164364823, -1778184422,
    906229730, 506844146, -256998915, 1154865168, -470359053, 471947429, 1004878567, 40235,
    1099890711, -817826123, 27726, 35355, 971160044, 34929279, -505023660, 64980,
    101987967, -187431233, 47424, -569190320, -1259978671, 17129, -111993368, 368177213,
    251000869, 955875297, 787508767, -619202793, 316539961, 1294878469, 684940499, 724404972,
    1555897881, 269351041, 81328368, 1600649767, 312795408, 1947343086, 404164877, 10968,
    782243556, 1243608876, 1323354417, 1858728697, -771480580, 696331280, 1475938843, 1782444555,
    -326175745, 234365242, -2115303674, 1187901727, 119120885, 864022549, 1539306824, 1477926447,
    146412513, 1393358030, -366993937, -30210750, 1253775598, -702863577, 552960463, 621730485,
    -1406393147, 184874741, -439148519, -223202881, -552481407, 85467395, -1309078754, -1578641932,
    -1074133554, -1146298829, -804224553, 220451869, 892135426, 1105128445, 1438441252, -102208031,
    -237797434, 14795, -604735226, 27724, -1508971901, 9795, -1317471779, 317434022,
    284018741, 721867042, -269737170, 56449, -772528223, 355137289, 1258997511, -484977405,
    856923157, 230466078, -1594916359, -1033750755, 439244525, -133810924, -938728911, 816459814,
    -900147505, 60557, -1710358481, 1126787322, 1407663623, 52371, 24551, -919343231,
    -365930270, 36889, 16532, 269702899, 29380, 47411, 705158665, 877983263,
    56109, 135791050, 516686847, 686163969, -353001987, 1022231795, 464258935, 186044289,
    -944033084, -33548730, 83900214, -772926474, 33112, -178333941, 474292260, -538517499,
    44966, 7793, 413012264, -788982008, -229897719, 2143935982, 30316, -305257994,
    51352, 20333, -454264533, 55358, 1944901197, 717664005, 40575, -281106492,
    -386004725, 186862428, 1040650583, 570207240, 65700155, -839398186, -821368255, 267645530,
    232813589, 32598, -1644485095, -150387961, 21746, -741625089, 42472, 1278220604,
    -119258276, 43809, -168221215, -70265930, -1423833161, -455285284, -936182565, 32531,
    30645, -2113337579, 2112163642, 536526811, 284530503, -451032903, -1360267965, 637136767
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t gesture_layer8_pairs[134] GESTURE_FLASH = {
    4, 96, -23, -1, -1, 3, -90, 127, -1, 0, 62, 16, 0, -88, -51, 3, 95, 118, -1, 2, 70, -65, 2, 109, -67, -1, -1,
    -1, 5, -127, 66, -1,
    -1, -1, -1, -1, -1, -1, 5, 119, -51, -1, 1, -13, -102, 1, -127, -88, -1, 3, 49, 67, -1, -1, 5, -40, -127, -1, 3,
    -70, 75, 0, -46, 109,
    -1, 1, -127, -102, 0, -67, -39, 1, -59, -75, 0, 48, 87, -1, 2, -63, 127, -1, -1, 2, 64, 1, -1, 0, -78, -26, 0,
    101, 63, -1, 0, 86,
    11, 1, 65, -123, 0, -85, -41, 1, 61, 127, -1, 2, 47, -3, -1, -1, 1, 35, -12, 2, 89, -106, -1, 0, -42, -100, 2,
    15, 127, -1, 3, -97,
    15, 0, 37, -41, -1, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t gesture_layer8_scale[96] GESTURE_FLASH = {
    65810551, -943347129, 1065418672, 62410246, -2146957826, 1661009712, 116332168, -255620848, 889257945,
    140559432, -717170125, 998309785,
    81466519, -1436897664, 1249967878, 104463127, -2119703048, 1644232978, 83845127, -1998542371, 1560346784,
    44400711, -821385412, 1031864229,
    31561894, -1617851750, 1333854494, 64502855, -1143541668, 1132527626, 45094807, -271384303, 889258537, 44102966,
    -1739378771, 1400963438,
    74769607, -506008542, 947978477, 100243623, -1108805288, 1124138630, 119911592, -107490810, 855701616, 66885191,
    -122496761, 855703295,
    57175479, -673712849, 989921534, 73235735, -1130972837, 1132527486, 48334903, -30479103, 838926758, 110843240,
    -389153767, 914423643,
    160619400, -344071146, 906034493, 20223366, -1043620271, 1098972299, 76675991, -842593986, 1040254527, 26138934,
    -1640980067, 1350631308,
    47829975, -321589228, 906036483, 122168584, -571418841, 964757048, 51493303, -1025206705, 1098970883, 44892166,
    -2034784539, 1585512316,
    33754599, -206538740, 872480954, 85360807, -1598203753, 1325465461, 116193975, -1631510116, 1342242984,
    48412871, -346342890, 906034689
};

GESTURE_NOINLINE void gesture_layer8(const int8_t *input, int8_t *output, int8_t *scratch)
{
    gesture_conv_2d_lanes(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 1, 16, 24,
        /* output: width, pixels, channels */ 16, 16, 32,
        /* filter */ 1, 1, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding */ 0, 0, 14,
        GESTURE_TABLE(gesture_layer8_weights), /* words */ 6, GESTURE_TABLE(gesture_layer8_pairs),
        GESTURE_TABLE(gesture_layer8_scale), /* step, shift */ 3, 12,
        GESTURE_TABLE(gesture_layer8_scale), /* row, form */ 3, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 9: LEAKY_RELU `functional_1_1/functional_1/leaky_re_lu_1_2/LeakyRelu` (operator 15)
 * int8 [1,16,32] -> int8 [1,16,32]
 * kernel lookup: about 3841 cycles on cortex-m0, 256 bytes of constants
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
 * kernel matrix_product: about 2555 cycles on cortex-m0, 264 bytes of constants
 * 524 cycles slower than dense_packed, but saves 581 bytes of flash and 4 bytes of scratch (--optimize balanced); instead of dense_packed (2031 cycles), dense_sparse (3113 cycles), dense_squares (7866 cycles), dense_huffman (11770 cycles)
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

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t gesture_layer11_scale[18] GESTURE_FLASH = {
    -94182663, 1409852293, 1459650397, 450654265, 1177835985, 1744863724, 394159977, 1188449741, 1728085970,
    395683721, 1140578529, 1803583513,
    222632985, 1226815167, 1677754433, 139600905, 1136441826, 1811971898
};

GESTURE_NOINLINE void gesture_layer11(const int8_t *input, int8_t *output)
{
    gesture_matrix_product(
        input, output,
        /* rows */ 1, /* depth */ 32, /* units */ 6,
        GESTURE_TABLE(gesture_layer11_weights), GESTURE_TABLE(gesture_layer11_scale), /* step, shift */ 3, 12,
        GESTURE_TABLE(gesture_layer11_scale), /* row, form */ 3, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 12: SOFTMAX `StatefulPartitionedCall_1:0` (operator 18)
 * int8 [1,6] -> int8 [1,6]
 * kernel softmax: about 1391 cycles on cortex-m0, 500 bytes of constants
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
    gesture_layer0(input, memory + 384, memory + 0);
    gesture_layer1(memory + 384, memory + 224);
    gesture_layer2(memory + 224, memory + 208);
    gesture_layer3(memory + 208, memory + 608, memory + 0);
    gesture_layer4(memory + 608, memory + 384, memory + 0);
    gesture_layer5(memory + 384, memory + 152);
    gesture_layer6(memory + 152, memory + 128);
    gesture_layer7(memory + 128, memory + 544, memory + 0);
    gesture_layer8(memory + 544, memory + 448, memory + 0);
    gesture_layer9(memory + 448, memory + 38);
    gesture_layer10(memory + 38, memory + 6);
    gesture_layer11(memory + 6, memory);
    gesture_layer12(memory, output);
}
