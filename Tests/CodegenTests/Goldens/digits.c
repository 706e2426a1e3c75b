/* digits: a neural network as C99, written by nncgen. DO NOT EDIT.
 * (the command line stands here)
 */
#include "digits.h"

/* Where constant tables lie, and how they are read; an index counts elements. DIGITS_TABLE turns the name of a table
   into what functions get. Define all of these to place tables elsewhere. */
#ifndef DIGITS_FLASH
#define DIGITS_FLASH
#define DIGITS_TABLE_I8 const int8_t *
#define DIGITS_TABLE_I16 const int16_t *
#define DIGITS_TABLE_I32 const int32_t *
#define DIGITS_TABLE(name) (name)
#define DIGITS_READ_I8(table, index) ((table)[index])
#define DIGITS_READ_I16(table, index) ((table)[index])
#define DIGITS_READ_I32(table, index) ((table)[index])
#define DIGITS_MOVE_I32(table, count) ((table) + (count))
#endif

#ifdef __cplusplus
#define DIGITS_RESTRICT
#else
#define DIGITS_RESTRICT restrict
#endif

/* Layers stay functions of their own, which profilers and debuggers show. So do kernels: inlined into each other, they
   leave their loops too few registers. */
#ifdef __GNUC__
#define DIGITS_NOINLINE static __attribute__((noinline))
#else
#define DIGITS_NOINLINE static
#endif

/* Makes compilers compute the value at this place, in this order: regrouped sums and early loads need more registers than
   small cores have. The result is the same without it. */
#ifdef __GNUC__
#define DIGITS_KEEP(value) __asm__ volatile("" : "+r"(value))
#else
#define DIGITS_KEEP(value) ((void)0)
#endif

/* A condition that is seldom true: what follows from it stands out of the way. */
#ifdef __GNUC__
#define DIGITS_RARELY(condition) __builtin_expect(condition, 0)
#else
#define DIGITS_RARELY(condition) (condition)
#endif

/* Right shifts of negative numbers must keep the sign, as they do in every compiler of note. */
typedef char digits_assert_arithmetic_shift[(-1 >> 1) == -1 ? 1 : -1];

/* value * multiplier * 2^(shift - 31), rounded to nearest and then, by the right shift, half away from zero. */
static int32_t digits_scale(int32_t value, int32_t multiplier, int32_t shift)
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
static int8_t digits_requantize(
    int32_t value, int32_t multiplier, int32_t shift, int32_t zero_point, int32_t low, int32_t high)
{
    const int32_t result = (int32_t)((uint32_t)digits_scale(value, multiplier, shift) + (uint32_t)zero_point);
    return (int8_t)(result < low ? low : result > high ? high : result);
}

/* The output value of a channel that needs 64 bits: see `narrow`. */
DIGITS_NOINLINE int8_t digits_narrow_full(int32_t value, DIGITS_TABLE_I32 scale, int32_t low, int32_t span)
{
    return digits_requantize(
        value, DIGITS_READ_I32(scale, 1), (int8_t)(DIGITS_READ_I32(scale, 0) >> 4), DIGITS_READ_I32(scale, 2), low,
        low + span);
}

/* Output values for `count` sums of each of some rows, in 32 bits: exact for every sum that the weights allow. The sums of a
   row begin `pitch` behind those of the one before; the output values of a row lie value_step apart, and the rows row_step.
   The rows are channels, whose scales lie row_length apart, or of one channel, and row_length is 0. The sums are
   accumulators less an origin, their scales are those of `narrow`. */
DIGITS_NOINLINE void digits_narrow_sums(
    const uint32_t *DIGITS_RESTRICT sums, int32_t pitch, int32_t rows, int32_t count,
    int8_t *DIGITS_RESTRICT output, int32_t row_step, int32_t value_step,
    DIGITS_TABLE_I32 scale, int32_t at, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    /* Read from memory where they are needed: the loops leave no registers for them. */
    const volatile int32_t skip = pitch - count;
    const volatile int32_t back = row_step - count * value_step;
    /* How many rows have the same scale. */
    const int32_t same = row_length == 0 ? rows : 1;
    int32_t channels = row_length == 0 ? 1 : rows;
    scale = DIGITS_MOVE_I32(scale, at);
    if (form == 0) {
        do {
            uint32_t exponent = (uint32_t)DIGITS_READ_I32(scale, 0);
            uint32_t multiplier = (uint32_t)DIGITS_READ_I32(scale, 1);
            uint32_t offset = exponent << 20;
            uint32_t limit = multiplier << 24;
            uint32_t shift;
            int32_t left = same;
            exponent &= 15u;
            shift = exponent < 8u ? exponent + 16u : 24u;
            multiplier >>= 8;
            DIGITS_KEEP(offset);
            offset = (offset >> 24) * multiplier >> 16;
            offset += (uint32_t)low << shift; /* of the result only the lower 8 bits count */
            DIGITS_KEEP(limit);
            limit = (256u + (limit >> 24)) << exponent;
            do {
                const uint32_t *const end = sums + count;
                do {
                    uint32_t value = *sums++;
                    uint32_t result = (uint32_t)low;
                    DIGITS_KEEP(value);
                    if ((int32_t)value > 0) {
                        uint32_t part;
                        uint8_t byte;
                        if (DIGITS_RARELY(value > limit)) {
                            value = limit;
                            DIGITS_KEEP(value);
                        }
                        byte = (uint8_t)value;
                        DIGITS_KEEP(byte);
                        part = byte * multiplier;
                        part >>= 8;
                        value >>= 8;
                        value *= multiplier;
                        value += offset;
                        value += part;
                        result = value >> shift;
                    }
                    DIGITS_KEEP(result);
                    *output = (int8_t)result;
                    output += value_step;
                } while (sums != end);
                sums += skip;
                output += back;
            } while (--left != 0);
            scale = DIGITS_MOVE_I32(scale, row_length);
        } while (--channels != 0);
    } else {
        do {
            uint32_t exponent = (uint32_t)DIGITS_READ_I32(scale, 0);
            uint32_t multiplier = (uint32_t)DIGITS_READ_I32(scale, 1);
            uint32_t offset = exponent << 20;
            uint32_t limit = multiplier << 24;
            uint32_t shift;
            int32_t left = same;
            uint32_t later = (uint32_t)DIGITS_READ_I32(scale, 2);
            uint32_t turn = later >> 23;
            exponent &= 15u;
            shift = exponent < 8u ? exponent + 16u : 24u;
            multiplier >>= 8;
            DIGITS_KEEP(offset);
            offset = (offset >> 24) * multiplier >> 16;
            offset += (uint32_t)low << shift;
            DIGITS_KEEP(limit);
            limit = (256u + (limit >> 24)) << exponent;
            turn <<= exponent;
            /* The offset from the turn on. */
            later = (later << 9 >> 9) + offset;
            DIGITS_KEEP(later);
            do {
                const uint32_t *const end = sums + count;
                if (form == 2 && ((uint32_t)DIGITS_READ_I32(scale, 0) & 15u) == 15u) {
                    do {
                        *output = digits_narrow_full((int32_t)*sums, scale, low, span);
                        output += value_step;
                    } while (++sums != end);
                } else {
                    do {
                        uint32_t value = *sums++;
                        uint32_t result = (uint32_t)low;
                        DIGITS_KEEP(value);
                        if ((int32_t)value > 0) {
                            uint32_t part;
                            uint32_t start;
                            uint8_t byte;
                            if (DIGITS_RARELY(value > limit)) {
                                value = limit;
                                DIGITS_KEEP(value);
                            }
                            byte = (uint8_t)value;
                            DIGITS_KEEP(byte);
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
                        DIGITS_KEEP(result);
                        *output = (int8_t)result;
                        output += value_step;
                    } while (sums != end);
                }
                sums += skip;
                output += back;
            } while (--left != 0);
            scale = DIGITS_MOVE_I32(scale, row_length);
        } while (--channels != 0);
    }
}

/* Sums of products of four pixels, two to a word, with the weights of some filters, four to a word, and the filter's bias.
   The halves of a word are emptied behind each four weights, before they overflow. Where four are too many, the last two of
   them are 0, and stand in `pairs` instead: for each such word how many words further it is, then the two; 255 ends the
   filter. Gives the rest of `pairs`. */
DIGITS_NOINLINE DIGITS_TABLE_I8 digits_lane_sums(
    const uint32_t *DIGITS_RESTRICT patch, int32_t words, DIGITS_TABLE_I32 weights,
    DIGITS_TABLE_I8 pairs, DIGITS_TABLE_I32 bias, int32_t bias_step, int32_t bias_shift, int32_t filter,
    uint32_t *DIGITS_RESTRICT sums, const uint32_t *end)
{
    const uint32_t *const patch_end = patch + 8 * words;
    /* A lower half is a signed number: what is above it is the upper half, rounded. */
    uint32_t half = 0x8000u;
    DIGITS_KEEP(half);
    do {
        const uint32_t *lane = patch;
        /* Sums of the upper halves, and of whole words: without the upper halves these are the sums of the lower ones. */
        uint32_t high0 = (uint32_t)(DIGITS_READ_I32(bias, filter * bias_step) >> bias_shift);
        uint32_t high1 = high0;
        uint32_t both0 = high0 + (high0 << 16);
        uint32_t both1 = both0;
        uint32_t skip;
        do {
            const int32_t four = DIGITS_READ_I32(weights, 0);
            uint32_t weight = (uint32_t)(int32_t)(int8_t)four;
            uint32_t a = lane[0] * weight;
            uint32_t b;
            weights = DIGITS_MOVE_I32(weights, 1);
            DIGITS_KEEP(a);
            b = lane[1] * weight;
            DIGITS_KEEP(b);
            weight = (uint32_t)(int32_t)(int8_t)(four >> 8);
            a += lane[2] * weight;
            DIGITS_KEEP(a);
            b += lane[3] * weight;
            DIGITS_KEEP(b);
            weight = (uint32_t)(int32_t)(int8_t)(four >> 16);
            a += lane[4] * weight;
            DIGITS_KEEP(a);
            b += lane[5] * weight;
            DIGITS_KEEP(b);
            weight = (uint32_t)(four >> 24);
            a += lane[6] * weight;
            DIGITS_KEEP(a);
            both0 += a;
            high0 += (uint32_t)((int32_t)(a + half) >> 16);
            b += lane[7] * weight;
            DIGITS_KEEP(b);
            both1 += b;
            high1 += (uint32_t)((int32_t)(b + half) >> 16);
            lane += 8;
            DIGITS_KEEP(lane);
        } while (lane != patch_end);
        lane = patch;
        for (;;) {
            skip = (uint8_t)DIGITS_READ_I8(pairs, 0);
            pairs += 1;
            if (skip == 255u) {
                break;
            }
            {
                const uint32_t weight0 = (uint32_t)(int32_t)DIGITS_READ_I8(pairs, 0);
                const uint32_t weight1 = (uint32_t)(int32_t)DIGITS_READ_I8(pairs, 1);
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
DIGITS_NOINLINE void digits_lane_patch(
    const int8_t *DIGITS_RESTRICT input, uint32_t *DIGITS_RESTRICT patch,
    int32_t input_height, int32_t input_width, int32_t channels, int32_t output_width,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x,
    int32_t dilation_y, int32_t dilation_x, int32_t pad_left, int32_t pad_value,
    uint32_t origin, int32_t *DIGITS_RESTRICT position)
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
DIGITS_NOINLINE void digits_conv_2d_lanes(
    const int8_t *input, int8_t *output, uint32_t *DIGITS_RESTRICT sums,
    int32_t input_height, int32_t input_width, int32_t channels,
    int32_t output_width, int32_t pixels, int32_t filters,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x,
    int32_t dilation_y, int32_t dilation_x, int32_t pad_top, int32_t pad_left, int32_t pad_value,
    DIGITS_TABLE_I32 weights, int32_t words, DIGITS_TABLE_I8 pairs,
    DIGITS_TABLE_I32 bias, int32_t bias_step, int32_t bias_shift,
    DIGITS_TABLE_I32 scale, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    uint32_t *const patch = sums + 64;
    int32_t position[3] = { 0, -pad_top, -pad_left };
    /* Weights of 0 fill the last word of a filter: what stands there does not matter, but it must be something. */
    for (int32_t i = 8; i > 0; i--) {
        patch[8 * words - i] = 0;
    }
    for (int32_t pixel = 0; pixel < pixels; pixel += 4) {
        const int32_t count = pixels - pixel < 4 ? pixels - pixel : 4;
        DIGITS_TABLE_I8 pair = pairs;
        digits_lane_patch(
            input, patch, input_height, input_width, channels, output_width, filter_height, filter_width,
            stride_y, stride_x, dilation_y, dilation_x, pad_left, pad_value, 0, position);
        for (int32_t filter = 0; filter < filters; filter += 16) {
            const int32_t some = filters - filter < 16 ? filters - filter : 16;
            pair = digits_lane_sums(
                patch, words, DIGITS_MOVE_I32(weights, filter * words), pair, bias, bias_step, bias_shift, filter,
                sums, sums + 4 * some);
            digits_narrow_sums(
                sums, 4, some, count, output + filter, 1, filters, scale, filter * row_length, row_length, form, low,
                span);
        }
        output += count * filters;
    }
}

/* The 6 x 6 pixels under two tiles, one in each half of a word, for all channels. `word` is where those of the first
   channel go: 5 words from place to place, and 30 from one pair of channels to the next. */
DIGITS_NOINLINE void digits_winograd_gather(
    const int8_t *DIGITS_RESTRICT input, uint32_t *DIGITS_RESTRICT word,
    int32_t input_height, int32_t input_width, int32_t channels,
    int32_t top0, int32_t left0, int32_t top1, int32_t left1, int32_t pad_value)
{
    const int8_t pad = (int8_t)pad_value;
    const int32_t row_words = ((channels + 1) >> 1) * 30;
    for (int32_t ky = 0; ky < 6; ky++) {
        const int32_t y0 = top0 + ky;
        const int32_t y1 = top1 + ky;
        for (int32_t kx = 0; kx < 6; kx++) {
            const int32_t x0 = left0 + kx;
            const int32_t x1 = left1 + kx;
            const int32_t step0 = y0 >= 0 && y0 < input_height && x0 >= 0 && x0 < input_width;
            const int32_t step1 = y1 >= 0 && y1 < input_height && x1 >= 0 && x1 < input_width;
            const int8_t *pixel0 = step0 ? input + (y0 * input_width + x0) * channels : &pad;
            const int8_t *pixel1 = step1 ? input + (y1 * input_width + x1) * channels : &pad;
            uint32_t *lane = word;
            uint32_t *const end = word + (channels >> 1) * 30;
            while (lane != end) {
                lane[0] = (uint32_t)(int32_t)*pixel0 + ((uint32_t)(int32_t)*pixel1 << 16);
                pixel0 += step0;
                pixel1 += step1;
                lane[2] = (uint32_t)(int32_t)*pixel0 + ((uint32_t)(int32_t)*pixel1 << 16);
                pixel0 += step0;
                pixel1 += step1;
                lane += 30;
            }
            if ((channels & 1) != 0) {
                lane[0] = (uint32_t)(int32_t)*pixel0 + ((uint32_t)(int32_t)*pixel1 << 16);
                lane[2] = 0;
            }
            word += 5;
        }
        word += row_words - 30;
    }
}

/* Transforms the columns of 6 x 6 words in place; rows lie `row_words` apart, columns 5. What holds for a number holds for
   the two in the halves of a word. */
DIGITS_NOINLINE void digits_winograd_pixel_columns(uint32_t *word, int32_t row_words)
{
    const uint32_t *const end = word + 30;
    do {
        const uint32_t d2 = word[2 * row_words];
        const uint32_t d4 = word[4 * row_words];
        const uint32_t a = 4 * d2 - d4;
        const uint32_t c = d4 - d2;
        word[0] = 4 * (word[0] - d2) + c;
        {
            const uint32_t d1 = word[row_words];
            const uint32_t d3 = word[3 * row_words];
            const uint32_t b = 4 * d1 - d3;
            const uint32_t e = 2 * (d3 - d1);
            word[5 * row_words] = word[5 * row_words] - d3 - 2 * e;
            word[row_words] = a + b;
            word[2 * row_words] = a - b;
            word[3 * row_words] = c + e;
            word[4 * row_words] = c - e;
        }
        word += 5;
    } while (word != end);
}

/* Transforms the rows, and adds `offset` to all results. */
DIGITS_NOINLINE void digits_winograd_pixel_rows(uint32_t *words, int32_t row_words, uint32_t offset)
{
    const int32_t end = 6 * row_words;
    int32_t at = 0;
    do {
        uint32_t *word = words + at;
        const uint32_t d2 = word[10];
        const uint32_t d4 = word[20];
        const uint32_t a = 4 * d2 - d4 + offset;
        const uint32_t c = d4 - d2 + offset;
        word[0] = 4 * (word[0] - d2) + c;
        {
            const uint32_t d1 = word[5];
            const uint32_t d3 = word[15];
            const uint32_t b = 4 * d1 - d3;
            const uint32_t e = 2 * (d3 - d1);
            word[25] = word[25] - d3 - 2 * e + offset;
            word[5] = a + b;
            word[10] = a - b;
            word[15] = c + e;
            word[20] = c - e;
        }
        at += row_words;
    } while (at != end);
}

/* Transforms the 3 x 3 weights of pairs of channels to 6 x 6 words with the first channel in the lower half and the second
   one above it. A pair's row takes 30 words, a row of all pairs `row_words`. */
DIGITS_NOINLINE void digits_winograd_weights(DIGITS_TABLE_I8 weights, uint32_t *place, int32_t row_words)
{
    const uint32_t *const last = place + row_words;
    do {
        int32_t at = 0;
        for (int32_t x = 0; x < 15; x += 5) {
            uint32_t *u = place + x;
            const uint32_t g0 = (uint32_t)(int32_t)DIGITS_READ_I8(weights, 0)
                + ((uint32_t)(int32_t)DIGITS_READ_I8(weights, 9) << 16);
            const uint32_t g1 = (uint32_t)(int32_t)DIGITS_READ_I8(weights, 3)
                + ((uint32_t)(int32_t)DIGITS_READ_I8(weights, 12) << 16);
            const uint32_t g2 = (uint32_t)(int32_t)DIGITS_READ_I8(weights, 6)
                + ((uint32_t)(int32_t)DIGITS_READ_I8(weights, 15) << 16);
            const uint32_t s = g0 + g2;
            const uint32_t r = s + 3 * g2;
            const uint32_t h = 2 * g1;
            *u = g0;
            u += row_words;
            *u = s + g1;
            u += row_words;
            *u = s - g1;
            u += row_words;
            *u = r + h;
            u += row_words;
            *u = r - h;
            u += row_words;
            *u = g2;
            weights += 1;
        }
        weights += 15;
        do {
            uint32_t *u = place + at;
            const uint32_t g0 = u[0];
            const uint32_t g1 = u[5];
            const uint32_t g2 = u[10];
            const uint32_t s = g0 + g2;
            const uint32_t r = s + 3 * g2;
            const uint32_t h = 2 * g1;
            u[5] = s + g1;
            u[10] = s - g1;
            u[15] = r + h;
            u[20] = r - h;
            u[25] = g2;
            at += row_words;
        } while (at != 6 * row_words);
        place += 30;
    } while (place != last);
}

/* The sums of products of four tiles at all 36 places. A word of two tiles times a weight, summed up, is the lower tile's
   sum plus 65536 times the upper tile's; the latter is summed up by itself and taken away. So is the offset of the lower
   tiles, 2^14 times the sum of the weights. A place of `results` has four sums. */
DIGITS_NOINLINE void digits_winograd_sums(uint32_t *results, const uint32_t *slots, int32_t pairs)
{
    for (int32_t row = 0; row < 6; row++) {
        for (int32_t column = 0; column < 6; column++) {
            const uint32_t *slot = slots;
            const uint32_t *const end = slot + 30 * pairs;
            uint32_t u;
            uint32_t u1;
            uint32_t weights = 0;
            uint32_t sum0 = 0;
            uint32_t sum1 = 0;
            uint32_t sum2 = 0;
            uint32_t sum3 = 0;
            uint32_t both;
            uint32_t upper;
            do {
                u1 = slot[0];
                u = (uint32_t)(int32_t)(int16_t)u1;
                u1 = (uint32_t)((int32_t)(u1 - u) >> 16);
                weights += u + u1;
                both = slot[1];
                upper = (uint32_t)((int32_t)both >> 16);
                both *= u;
                sum0 += both;
                upper *= u;
                sum1 += upper;
                both = slot[2];
                upper = (uint32_t)((int32_t)both >> 16);
                both *= u;
                sum2 += both;
                u *= upper;
                sum3 += u;
                both = slot[3];
                upper = (uint32_t)((int32_t)both >> 16);
                both *= u1;
                sum0 += both;
                upper *= u1;
                sum1 += upper;
                both = slot[4];
                upper = (uint32_t)((int32_t)both >> 16);
                upper *= u1;
                sum3 += upper;
                both *= u1;
                sum2 += both;
                slot += 30;
            } while (slot != end);
            weights <<= 14;
            results[0] = sum0 - (sum1 << 16) - weights;
            results[1] = sum1;
            results[2] = sum2 - (sum3 << 16) - weights;
            results[3] = sum3;
            results += 4;
            slots += 5;
        }
        slots += 30 * (pairs - 1);
    }
}

/* The columns of 6 x 6 sums become 4 x 6; they lie 4 words apart. */
DIGITS_NOINLINE void digits_winograd_columns(uint32_t *sums)
{
    const uint32_t *const end = sums + 24;
    do {
        uint32_t *row = sums + 24;
        const uint32_t m1 = row[0];
        const uint32_t m2 = row[24];
        const uint32_t a = 4 * (m1 + m2);
        const uint32_t c = 4 * (m1 - m2);
        row += 48;
        {
            const uint32_t m3 = row[0];
            const uint32_t m4 = row[24];
            const uint32_t m5 = row[48];
            const uint32_t b = m3 + m4;
            const uint32_t d = 2 * (m3 - m4);
            row[0] = c + 4 * d + 24 * m5;
            row -= 24;
            *row = a + 4 * b;
            row -= 24;
            *row = c + d;
            row -= 24;
            *row = 6 * *row + a + b;
        }
        sums += 4;
    } while (sums != end);
}

/* The rows, too, and from them the output values of a tile: 576 times an accumulator without its bias is 64 times 9 times
   it, and `ninth`, the inverse of 9 modulo 2^32, undoes the 9. */
DIGITS_NOINLINE void digits_winograd_results(
    const uint32_t *sums, int8_t *output, int32_t height, int32_t width, int32_t pixel_step, int32_t row_step,
    uint32_t ninth, uint32_t bias, DIGITS_TABLE_I32 scale, int32_t at, int32_t form, int32_t low, int32_t span)
{
    uint32_t values[16];
    uint32_t *value = values;
    int32_t row = height;
    do {
        const uint32_t m1 = sums[4];
        const uint32_t m2 = sums[8];
        const uint32_t m3 = sums[12];
        const uint32_t m4 = sums[16];
        const uint32_t a = 4 * (m1 + m2);
        const uint32_t b = m3 + m4;
        const uint32_t c = 4 * (m1 - m2);
        const uint32_t d = 2 * (m3 - m4);
        value[0] = (uint32_t)((int32_t)((6 * sums[0] + a + b) * ninth) >> 6) + bias;
        value[1] = (uint32_t)((int32_t)((c + d) * ninth) >> 6) + bias;
        value[2] = (uint32_t)((int32_t)((a + 4 * b) * ninth) >> 6) + bias;
        value[3] = (uint32_t)((int32_t)((c + 4 * d + 24 * sums[20]) * ninth) >> 6) + bias;
        value += 4;
        sums += 24;
    } while (--row != 0);
    digits_narrow_sums(values, 4, height, width, output, row_step, pixel_step, scale, at, 0, form, low, span);
}

/* 2-D convolution with 3 x 3 filters, stride 1, of four tiles of 4 x 4 pixels at a time, by Winograd's F(4 x 4, 3 x 3)
   modulo 2^32: 36 multiplications do the work of 144. The scratch memory has 6 x 6 places of 5 words for each pair of
   channels: transformed weights of both channels, then pixels of tiles 0 and 1, of tiles 2 and 3, of the first channel, and
   those of the second one. As many places of 4 words in `results` hold the sums of a filter. */
DIGITS_NOINLINE void digits_conv_2d_winograd(
    const int8_t *input, int8_t *output, uint32_t *DIGITS_RESTRICT slots,
    int32_t input_height, int32_t input_width, int32_t channels,
    int32_t output_height, int32_t output_width, int32_t filters, int32_t pad_top, int32_t pad_left, int32_t pad_value,
    DIGITS_TABLE_I8 weights, DIGITS_TABLE_I32 bias, int32_t bias_step, int32_t bias_shift,
    DIGITS_TABLE_I32 scale, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    const int32_t pairs = (channels + 1) >> 1;
    const int32_t row_words = 30 * pairs;
    /* Read once: compilers that know a value take more instructions for it than a register. Lower halves from 3584 to
       29184 stand for -12800 to 12800; the other value is the inverse of 9 modulo 2^32. */
    const volatile uint32_t lower_offset = 16384u;
    const volatile uint32_t inverse_of_9 = 0x38E38E39u;
    const uint32_t offset = lower_offset;
    const uint32_t ninth = inverse_of_9;
    uint32_t *const results = slots + 6 * row_words;
    int32_t tops[4];
    int32_t lefts[4];
    int32_t top = 0;
    int32_t left = 0;
    while (top < output_height) {
        DIGITS_TABLE_I8 weight = weights;
        /* Tiles behind the last one lie below the image: they see padding, and nothing is written for them. */
        for (int32_t tile = 0; tile < 4; tile++) {
            tops[tile] = top;
            lefts[tile] = left;
            left += 4;
            if (left >= output_width) {
                left = 0;
                top += 4;
            }
        }
        for (int32_t two = 0; two < 2; two++) {
            uint32_t *lane = slots + 1 + two;
            digits_winograd_gather(
                input, lane, input_height, input_width, channels,
                tops[2 * two] - pad_top, lefts[2 * two] - pad_left,
                tops[2 * two + 1] - pad_top, lefts[2 * two + 1] - pad_left, pad_value);
            for (int32_t pair = 0; pair < pairs; pair++) {
                digits_winograd_pixel_columns(lane, row_words);
                digits_winograd_pixel_rows(lane, row_words, offset);
                digits_winograd_pixel_columns(lane + 2, row_words);
                digits_winograd_pixel_rows(lane + 2, row_words, offset);
                lane += 30;
            }
        }
        for (int32_t filter = 0; filter < filters; filter++) {
            digits_winograd_weights(weight, slots, row_words);
            weight += 18 * pairs;
            digits_winograd_sums(results, slots, pairs);
            for (int32_t tile = 0; tile < 4; tile++) {
                const int32_t height = output_height - tops[tile] < 4 ? output_height - tops[tile] : 4;
                const int32_t width = output_width - lefts[tile] < 4 ? output_width - lefts[tile] : 4;
                if (height <= 0) {
                    break;
                }
                digits_winograd_columns(results + tile);
                digits_winograd_results(
                    results + tile, output + (tops[tile] * output_width + lefts[tile]) * filters + filter,
                    height, width, filters, output_width * filters, ninth,
                    (uint32_t)(DIGITS_READ_I32(bias, filter * bias_step) >> bias_shift), scale, filter * row_length,
                    form, low, span);
            }
        }
    }
}

/* Sum or difference of count elements, exact for every pair of inputs; an input with step 0 repeats its first element. */
DIGITS_NOINLINE void digits_add_affine(
    const int8_t *input1, int32_t step1, const int8_t *input2, int32_t step2, int8_t *output, int32_t count,
    int32_t multiplier1, int32_t multiplier2, int32_t offset, int32_t shift, int32_t low, int32_t high)
{
    for (int32_t i = 0; i < count; i++) {
        const int32_t value = (*input1 * multiplier1 + *input2 * multiplier2 + offset) >> shift;
        output[i] = (int8_t)(value < low ? low : value > high ? high : value);
        input1 += step1;
        input2 += step2;
    }
}

/* The output value for `value` = accumulator - origin, in 32 bits: exact for every accumulator that the weights allow.
   The scale begins at element `at` of the table: in the lowest bits of the first word 8 bits of the offset and 4 of an
   exponent, from which the shift follows; in the second word the multiplier, and 8 bits of the limit. Form 1 has a third word:
   9 bits of the value from which on its other bits are added, the setback. In form 2 the exponent 15 marks a channel that needs
   64 bits: the offset's bits are its shift, multiplier and zero point follow. */
DIGITS_NOINLINE int8_t digits_narrow(
    int32_t value, DIGITS_TABLE_I32 scale, int32_t at, int32_t form, int32_t low, int32_t span)
{
    const uint32_t place = (uint32_t)DIGITS_READ_I32(scale, at);
    const uint32_t exponent = place & 15u;
    if (form == 2 && exponent == 15u) {
        return digits_requantize(
            value, DIGITS_READ_I32(scale, at + 1), (int8_t)(place >> 4), DIGITS_READ_I32(scale, at + 2), low,
            low + span);
    }
    if (value > 0) {
        const uint32_t factor = (uint32_t)DIGITS_READ_I32(scale, at + 1);
        const uint32_t multiplier = factor >> 8;
        int32_t limit;
        uint32_t steps;
        uint8_t byte;
        byte = (uint8_t)factor;
        DIGITS_KEEP(byte);
        limit = (int32_t)((256u + (uint32_t)byte) << exponent);
        if (DIGITS_RARELY(value > limit)) {
            value = limit;
            DIGITS_KEEP(value);
        }
        byte = (uint8_t)value;
        DIGITS_KEEP(byte);
        steps = (uint32_t)byte * multiplier >> 8;
        steps += ((uint32_t)value >> 8) * multiplier;
        steps += (place << 20 >> 24) * multiplier >> 16;
        if (form != 0) {
            const uint32_t setback = (uint32_t)DIGITS_READ_I32(scale, at + 2);
            if (value >= (int32_t)((setback >> 23) << exponent)) {
                steps += setback << 9 >> 9;
            }
        }
        low += (int32_t)(steps >> (exponent < 8u ? exponent + 16u : 24u));
    }
    return (int8_t)low;
}

/* output[row][unit] = bias[unit] + sum of input[row][d] * weights[unit][d] over d, requantized. */
DIGITS_NOINLINE void digits_matrix_product(
    const int8_t *input, int8_t *output,
    int32_t rows, int32_t depth, int32_t units,
    DIGITS_TABLE_I8 weights, DIGITS_TABLE_I32 bias, int32_t bias_step, int32_t bias_shift,
    DIGITS_TABLE_I32 scale, int32_t row_length, int32_t form, int32_t low, int32_t span)
{
    for (int32_t row = 0; row < rows; row++) {
        DIGITS_TABLE_I8 weight = weights;
        for (int32_t unit = 0; unit < units; unit++) {
            uint32_t sum = (uint32_t)(DIGITS_READ_I32(bias, unit * bias_step) >> bias_shift);
            for (int32_t d = 0; d < depth; d++) {
                sum += (uint32_t)((int32_t)input[d] * DIGITS_READ_I8(weight, d));
            }
            weight += depth;
            *output++ = digits_narrow((int32_t)sum, scale, unit * row_length, form, low, span);
        }
        input += depth;
    }
}

/* Softmax of each row; exponentials[d] belongs to a value d below the row's maximum, further ones count as 0. */
static void digits_softmax(
    const int8_t *DIGITS_RESTRICT input, int8_t *DIGITS_RESTRICT output,
    int32_t rows, int32_t classes, DIGITS_TABLE_I32 exponentials, int32_t entries)
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
                sum += ((DIGITS_READ_I32(exponentials, distance) >> 11) + 1) >> 1;
            }
        }
        while (((uint32_t)sum << headroom) < 0x80000000u) {
            headroom++;
        }
        shift = headroom - 35; /* negative: to the right */
        /* 1 / (1 + x) with 31 fraction bits for sum = (1 + x) * 2^(31 - headroom): three Newton steps. */
        half_denominator = (int32_t)(((uint32_t)sum << headroom) >> 1);
        reciprocal = 1515870810 + digits_scale(half_denominator, -1010580540, 0);
        for (int32_t step = 0; step < 3; step++) {
            const int32_t error = 536870912 - digits_scale(half_denominator, reciprocal, 0);
            reciprocal += digits_scale(reciprocal, error, 0) * 4;
        }
        reciprocal = reciprocal > 1073741823 ? 2147483647 : reciprocal * 2;
        for (int32_t c = 0; c < classes; c++) {
            const int32_t distance = maximum - input[c];
            int32_t value = -128;
            if (distance < entries && shift >= -31) {
                value += digits_scale(reciprocal, DIGITS_READ_I32(exponentials, distance), shift);
            }
            output[c] = (int8_t)(value > 127 ? 127 : value);
        }
        input += classes;
        output += classes;
    }
}

/* Layer 0: CONV_2D `functional_1_1/functional_1/re_lu_1/Relu` (operator 0)
 * int8 [1,8,8,1] -> int8 [1,8,8,16], 9216 multiply-accumulates
 * kernel conv_2d_lanes: about 139073 cycles on cortex-m0, 375 bytes of constants, 352 of working memory
 * fewest cycles; instead of conv_2d_sparse (153307 cycles), conv_2d_winograd (154118 cycles), conv_2d_rows (380843 cycles), conv_2d_huffman (472818 cycles), conv_2d_taps (521029 cycles)
 */
/* Weights [16,3,3,1], four to a word, 3 words for each output channel. */
static const int32_t digits_layer0_weights[48] DIGITS_FLASH = {
    60304, 954893535, 59, 1919, 35234, 11, 25181, 868100895,
    17, 750773440, 33231, 63, 369410945, -354203624, 245, -1020404781,
    7039, 157, -260167365, -576532479, 129, 30340, -17596134, 10,
    -602644170, 344007212, 6, 940175345, 33026, 26, 25140, -1056031744,
    234, 57040, -788382847, 11, 48018454, 2132346022, 7, 417190098,
    1561807153, 127, 33033, 500948435, 158, 11416, 5204, 239
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t digits_layer0_pairs[55] DIGITS_FLASH = {
    0, 55, 127, -1, 0, -49, 92, 0, -1, 97, -1, 0, -127, -40, -1, 1, 50, 122, -1, -1, 1, 63, 65, -1, -1, 0, 46, 50,
    -1, -1, 1, -123,
    -98, -1, 0, -29, -127, -1, 0, 98, -108, -1, -1, -1, 0, -119, -99, -1, 0, 38, 121, 0, -72, -127, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit. */
static const int32_t digits_layer0_scale[32] DIGITS_FLASH = {
    -6846937, -1535324531, 10920782, -1362556160, 7833662, -502561024, -15764066, -1165325568,
    -39279225, -2084847319, 9376760, -214373619, -23183298, -734575360, -17481161, -2026800927,
    16989742, -864496640, -75788050, -542147328, -11201833, -1847213894, -51422002, -1518784256,
    -6217865, -1985719432, 74117278, -1589995776, -133058802, -1915425024, -6376440, -415457765
};

DIGITS_NOINLINE void digits_layer0(const int8_t *input, int8_t *output, int8_t *scratch)
{
    digits_conv_2d_lanes(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 8, 8, 1,
        /* output: width, pixels, channels */ 8, 64, 16,
        /* filter */ 3, 3, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding */ 1, 1, -128,
        DIGITS_TABLE(digits_layer0_weights), /* words */ 3, DIGITS_TABLE(digits_layer0_pairs),
        DIGITS_TABLE(digits_layer0_scale), /* step, shift */ 2, 12,
        DIGITS_TABLE(digits_layer0_scale), /* row, form */ 2, 0,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 1: CONV_2D `functional_1_1/functional_1/re_lu_1_2/Relu` (operator 1)
 * int8 [1,8,8,16] -> int8 [1,8,8,16], 147456 multiply-accumulates
 * kernel conv_2d_winograd: about 412821 cycles on cortex-m0, 2432 bytes of constants, 6336 of working memory
 * fewest cycles; instead of conv_2d_lanes (681112 cycles), conv_2d_sparse (832772 cycles), conv_2d_rows (1864879 cycles), conv_2d_huffman (2138445 cycles), conv_2d_taps (2149280 cycles)
 */
/* Weights [16,3,3,16] by channel, 9 taps each, in pairs. */
static const int8_t digits_layer1_weights[2304] DIGITS_FLASH = {
    45, 32, -112, 45, -7, -76, -10, -33, 20, 15, 7, 31, -103, -68, 15, -47, 10, 81,
    66, 68, 19, -2, -7, -11, 40, 48, 24, 21, -15, -62, 25, 28, -83, 56, 40, 82,
    31, 23, -48, -29, 38, 39, -78, 24, -5, -74, -36, 60, -40, -20, 25, -38, 23, -4,
    -7, -6, 14, 48, 35, -6, 36, 85, 32, -89, 32, 18, -87, -24, -18, 8, 5, 4,
    -36, 41, -21, -26, 21, -19, 25, 55, -52, -7, 30, -59, -19, -5, -83, -9, 15, 37,
    48, -25, 2, 64, -13, 37, 1, 25, -21, -26, 19, 21, -9, 54, 6, 25, 52, -50,
    25, 69, 17, -45, -83, -35, -28, 25, 32, 1, 5, 22, -17, -8, -127, -9, -31, -20,
    43, 33, -38, -59, -3, 0, 23, -18, -43, -25, -5, 48, 37, -4, 67, -71, -62, -50,
    -46, 16, -2, -61, 5, -32, -108, -18, 80, 80, -60, -58, 79, 19, 71, 22, 4, 36,
    -45, -30, 75, 44, -6, 23, 52, -19, 1, 26, -60, -61, -7, 32, 43, 61, -67, 18,
    18, 73, -52, -24, 96, -65, 36, -49, 25, 6, -72, -20, -59, -38, 13, -60, -126, 19,
    -31, 55, -57, -13, -37, -49, -12, 55, -34, -44, -85, -24, -19, -46, -8, -100, -75, 59,
    11, -71, 37, 47, -74, 24, 38, -12, 85, 14, -113, -55, -16, -58, -74, -24, -31, -39,
    -45, 58, 53, -15, 23, 43, 7, -37, 55, -55, 89, -1, -13, 61, 4, -94, 20, -17,
    -21, -17, -20, 22, 20, 76, 40, 10, 47, 51, 28, 9, -42, -23, 19, -59, -28, -42,
    52, -56, -127, 4, -77, -96, -55, -22, -62, -31, -25, -13, -75, -35, -58, 54, -47, -54,
    13, -10, 67, -11, -71, -4, 8, -37, 21, -8, 54, 28, -76, -27, 69, -34, 13, 115,
    58, -25, 6, 20, -3, 46, 15, -27, -3, -53, -13, -24, -113, -5, 42, -53, -47, 0,
    3, -57, -34, 1, -28, -43, -49, -50, -35, -41, -62, 33, -25, -35, 6, -60, -62, -3,
    -6, -127, -107, -81, -101, -73, -60, -22, -102, -19, -52, -69, -29, -94, 32, 41, 68, 18,
    77, 23, 53, -3, -24, 33, 54, 22, 32, 39, 32, 31, -41, -26, -9, 32, -60, 30,
    29, 80, 39, 60, 45, -2, -6, 2, -1, 47, 5, 50, 8, 30, -22, -41, 8, 85,
    -76, 29, -54, -41, -3, -87, 9, -46, 60, 54, 44, -66, 58, -38, -117, -32, -54, -13,
    -17, 35, 17, -6, 38, 23, -76, -75, -59, 39, 25, -71, 31, 15, -86, 71, 46, -99,
    31, 0, -52, -4, 19, -69, 127, 100, 18, -37, -63, -11, -121, 7, 21, -104, -3, 7,
    37, -42, -54, 51, 77, 11, -84, -50, 8, -3, 11, 15, 39, 45, 21, 85, 51, -31,
    72, 23, -10, -65, -87, -51, 54, 66, 76, -29, -29, 59, -82, -10, -51, 55, 64, 65,
    -15, 76, 35, -26, 2, -47, 17, -46, -44, -98, -19, -67, -79, 6, -9, -27, -18, 40,
    46, 70, 15, 40, -7, 16, 45, -56, -14, -3, 29, -80, 3, -39, -43, 2, -11, 97,
    59, 43, 6, 95, -51, -23, 9, -41, -76, -69, 21, -95, 25, -2, -62, 26, 3, 43,
    -68, 58, -2, 5, 56, 47, 39, 41, -62, 1, 49, -9, -68, -83, -39, 33, -4, 50,
    23, -39, -106, 3, -31, 30, 85, 101, 23, 50, 110, 96, 32, -57, -4, -64, -41, -11,
    -42, -17, -2, -60, 9, 99, -127, -28, 111, 21, 61, -25, 39, 66, 24, -13, 58, -12,
    38, 10, -63, 2, 1, -77, -15, -87, -92, 63, 67, -4, -100, 8, -65, -93, 68, 72,
    1, 100, -13, -23, 6, 24, 80, 86, 28, 36, -27, -52, 78, -60, 29, 67, 55, 32,
    -55, -3, 48, -17, 48, 47, -38, 31, 73, -35, 8, -55, 13, -15, 20, 14, 45, 72,
    -5, -33, -33, 47, -64, 20, -55, 5, 40, -1, -86, -62, 109, 26, 11, 78, 58, 24,
    -25, 62, 7, -11, -33, -60, -34, -51, 1, -32, 12, -56, 56, -41, -39, -6, -14, -67,
    -55, -2, -33, -44, -46, 6, -93, 42, 32, 88, -48, -29, -69, -7, -74, -23, -48, 73,
    0, -11, -68, -85, -65, 35, -25, 59, 68, 42, 45, -5, 0, -54, -85, -42, 10, 32,
    -25, 26, -16, -48, 34, 12, 20, 54, -31, -53, -5, 71, -38, -2, 82, 77, 37, -54,
    -85, -49, -1, -37, 6, 34, -36, -7, -7, 1, -18, -2, 17, -15, -41, -31, 25, -3,
    26, -6, 4, 5, 33, 53, 25, 27, -30, 49, 31, 25, -16, 7, 27, -29, -84, -67,
    -34, -31, 18, 26, 11, -17, -37, -92, -127, 8, -19, 10, 36, 65, 35, -7, -21, 37,
    -33, -39, -52, -30, -2, -61, -17, -60, -57, 37, 26, 2, -81, -6, 41, -30, -86, -15,
    17, -56, -103, -23, -34, -33, 12, 37, -1, -50, -42, 15, 26, -36, -42, -37, -29, -44,
    30, 51, -3, 4, 5, 25, 11, 13, 16, 20, -24, 10, 6, -5, 21, -2, 35, 33,
    5, 45, 63, -7, -56, 3, -6, 1, -25, 19, 43, 2, -14, 1, 11, -2, -13, -6,
    -62, 71, 48, 17, 83, -46, 14, 26, -53, 19, -34, -58, 3, -66, -46, -75, -60, -127,
    7, -60, -51, 79, 90, 19, -47, -7, -112, -18, 19, -58, 13, 45, -44, -14, 2, -8,
    79, 44, -33, -29, -7, -79, -27, 46, -73, -12, 60, 81, -96, -84, 33, -5, -76, -51,
    -57, 37, 57, 52, 55, -89, 95, 91, 47, 52, -56, -29, -33, 56, -48, -39, -5, -28,
    -51, -30, -106, -28, -20, -48, 38, 98, 36, -13, -73, -89, -1, -63, -90, 90, -5, -33,
    -49, -67, -49, 103, -59, -44, 72, 31, -38, 47, -64, 5, -14, 23, -63, -4, -14, -64,
    11, -17, 70, 109, 61, -26, 2, 60, 56, 10, -49, 4, 29, 9, -8, 39, 53, -113,
    50, 51, -103, -10, 62, 12, 110, 70, -26, 2, -94, -9, 5, 2, -16, 23, 48, 69,
    21, -26, -64, -1, -2, 25, 30, 48, 46, -90, -60, 33, -43, 92, -31, 96, -4, -127,
    -60, -53, 9, -5, 6, -15, -5, 28, 26, -88, -14, 11, -65, 55, 18, 3, 39, 9,
    12, -2, -54, -7, -64, -83, 75, -26, -54, 32, 80, 9, 28, -17, -28, 20, 43, -7,
    -18, 52, 56, -26, 9, -10, 3, -74, -4, -16, 72, 5, -26, 28, 89, 20, -12, 11,
    -35, -39, -37, -70, -45, -95, 28, -10, 73, -1, 7, 30, -66, 0, 15, -76, 5, -98,
    13, -106, -71, 17, -63, -43, -82, 17, -31, 49, 11, -6, -15, -8, -114, 59, -50, -58,
    -67, -7, 13, -22, -21, -15, 65, 11, 50, 18, 26, -22, -12, 2, -31, 32, -16, -35,
    53, -8, 76, -11, -66, 82, 9, -30, 56, -45, -57, 22, -49, 21, 15, 25, -6, 72,
    -32, -101, -15, -107, -92, 41, -39, 33, -61, -45, -71, 29, 82, 105, 91, 70, -14, 80,
    22, -17, -16, -16, 73, -39, 22, 6, -11, 5, -34, -32, -55, 49, 36, 47, 49, 46,
    21, 77, 58, -14, 38, -11, 94, -13, -63, 122, 43, -74, -42, -103, -83, -74, -106, -89,
    -23, -115, -17, -9, -25, -22, 27, -16, -68, -38, 41, -53, 75, -78, 23, 45, -61, -8,
    -3, 28, 35, 83, 19, 25, 63, -7, -49, 17, 33, 40, 62, -4, -14, -89, -67, -37,
    -1, 16, -49, 19, 5, -11, 18, 9, -20, -63, -93, 28, 67, 24, 16, -18, 109, 72,
    -82, -104, -78, -83, 66, -48, -19, 95, 40, -27, -92, -98, -48, -7, -51, 16, 30, 127,
    -77, 74, -18, -29, -19, -43, -18, -61, -47, 115, -12, -36, -7, -47, -93, -80, 62, 29,
    -44, 22, 69, -20, -38, -99, 63, 4, 2, -92, -67, -127, 19, -30, 33, 42, 14, -12,
    -24, -64, -102, -18, 3, -28, -46, -4, 8, -5, 0, 89, 8, 22, 18, 17, 27, 68,
    -28, 14, -37, 101, -21, -46, -21, -51, 48, 11, -36, -18, 17, -14, 6, 45, -57, -17,
    -11, 1, 74, 31, 10, -16, -40, 65, 14, 11, -66, -80, 64, -68, 41, 35, 65, -28,
    -88, -19, 26, -48, 23, -96, -77, -62, -19, -44, 5, 45, -50, 43, 33, 24, -23, -68,
    44, 31, 6, -66, -88, 6, -14, -72, -49, 21, -111, -122, -1, -41, -71, 109, -67, -31,
    -49, 13, -10, 1, 24, 33, 45, -14, 38, 75, 57, -77, 32, -62, -58, 49, -68, 55,
    -92, -26, 51, 36, 50, 38, 44, 24, -51, 28, 61, 2, 42, -9, -19, -60, -42, 60,
    -9, 13, -28, 9, -68, 15, 56, -10, -4, -26, -61, -57, -1, 41, 37, 24, -50, -23,
    11, -46, 9, -70, -53, 32, -71, 58, -64, -37, -50, 33, -95, -36, 27, -31, 14, 28,
    -69, -85, -21, 23, -13, -13, -5, -6, -18, -21, 8, 4, 19, 29, 50, 73, 28, 117,
    -31, 88, -1, 88, -62, -15, -65, -12, 14, -9, -34, -11, -36, 56, 67, -17, 60, 51,
    25, 54, -13, 52, -25, -18, -37, 4, 37, -71, 30, -55, 32, -1, 12, -5, -112, -68,
    56, -7, -6, -61, -49, -52, -30, 35, -24, -22, -73, -17, 41, -29, -75, 74, -27, 16,
    -51, 49, 44, 49, -6, 56, 61, 63, 37, -54, 30, 38, 20, 45, 43, 4, 82, -18,
    -41, -127, -59, -10, 20, -22, 1, -64, -6, 5, -25, 43, 28, -4, -50, 34, -9, -45,
    21, -72, -38, -10, 51, 38, -6, -44, 63, 0, -47, -4, 14, 62, -21, -17, 17, 18,
    35, -12, -31, -59, -57, 34, 34, 21, 59, -20, -3, -102, 66, 34, 41, -53, -13, 62,
    -40, -11, 20, 23, 24, -81, 46, -14, -23, -27, 58, 18, -28, -36, -35, 1, 12, -29,
    -22, 48, 33, 75, 16, 22, -22, 3, -81, 24, 43, 6, 15, 54, 19, -58, -80, 11,
    16, 14, -49, 26, -24, -18, 16, -9, 3, 12, 54, 0, -11, 46, -22, 24, 12, -107,
    47, 43, 14, -15, 51, 6, -20, 63, 75, -24, 23, 33, 19, -27, -14, 0, -7, -18,
    -35, -59, -76, -28, 12, -6, -32, 35, 34, 16, 14, -19, -7, -21, 1, -1, -14, -10,
    40, 5, -31, 10, 38, 61, 24, -44, -72, -26, -2, 34, 16, -28, 39, 7, -22, -127,
    28, 41, -53, 92, -31, -42, 9, 76, 7, -18, -66, -34, 16, -23, 32, -22, 43, -62,
    48, 48, -6, 78, -1, -17, -19, -38, 59, -5, -94, -60, -21, -49, -16, 51, -29, -18,
    76, -31, 32, -60, -47, 36, 29, 24, -3, -51, 10, 61, -77, 29, -19, -3, -36, 63,
    -60, 35, -27, -103, -12, 58, 11, 31, -10, 2, 49, -43, -19, -32, 31, 4, 14, 66,
    69, 34, 9, 46, 63, -15, 44, 16, -42, -76, 0, -26, -76, 13, -68, -5, 31, 57,
    -14, 17, 109, 93, -42, 11, 52, -9, -11, -2, 33, 43, 5, -52, -72, 4, -67, 6,
    30, -27, -34, 30, 12, 18, 50, 40, 18, 49, 19, 76, 85, 39, 3, -8, 60, 80,
    -62, 23, -24, -125, -52, -127, -94, 3, -76, 8, 26, 53, 43, -61, 6, 70, 81, 13,
    56, -100, -16, 23, 24, -122, -90, -38, -38, -14, 3, 9, 88, -33, 12, 39, 51, 0,
    38, 66, 37, 50, 51, -94, 33, -21, -37, 8, -47, -105, -24, -62, -127, -65, -37, -50,
    -82, 0, -64, -40, -4, -45, 33, 27, -65, -22, -12, -41, 1, 33, 85, -26, -22, 32,
    -17, -69, -6, -98, -4, -79, -64, -33, -18, 33, -21, -77, 14, -32, 17, 27, 51, 65,
    46, 57, -22, 78, 45, -72, 31, 2, -59, 33, 1, -37, -55, -23, 4, -102, -26, 11,
    -25, -117, -4, -33, -1, -68, 28, 36, -89, -32, -13, 110, -34, -26, 73, -1, 16, 33,
    27, 15, -1, -14, 36, -47, 15, 26, 17, 51, 10, -44, -53, 32, -5, -11, -46, 55,
    -44, 60, 57, 17, 48, -46, -44, 0, -24, 46, -3, -74, -59, -6, 51, 8, -62, 2,
    -86, -99, -62, 20, -74, 15, 14, 12, 7, 30, 50, -20, 65, 57, -25, 43, -65, 19,
    45, 52, 10, 18, -28, -39, 34, -5, 46, -63, -66, -54, 4, -56, -21, 17, -2, -10,
    -82, -51, 27, -49, -2, -65, -68, 15, 3, -18, -23, -37, -50, 26, 15, -74, -92, 65,
    -61, -3, 38, -57, 70, 53, 5, -46, -5, -56, 56, -4, 10, -72, 87, 44, 5, -32,
    -7, -84, -67, 25, -9, 17, -20, 12, 19, -75, -9, -48, -39, 65, 4, -45, 69, -53,
    -20, -127, 7, -71, -34, -71, -15, 6, -4, 6, 44, 78, 53, 46, -39, -47, -53, -24,
    18, 9, -64, 29, -85, 30, 11, 55, -17, -89, -58, -86, 20, 57, -48, 14, 64, 24,
    -27, 21, 3, -62, 65, 20, -17, 25, 15, -64, -82, -20, 7, -36, 8, -17, 45, -50,
    -33, -113, 44, -126, -18, -73, -30, 25, 4, 29, 53, -1, 24, -20, 0, 44, 18, 7,
    59, 84, 21, -56, -31, 29, 14, 54, 69, -116, -87, -54, -97, 4, -12, -45, -15, -18,
    -22, -47, 45, -3, -40, 25, 80, 78, 14, -61, 4, 53, 26, 31, -39, -16, 0, -31,
    6, -12, 6, -65, -24, -29, -73, 14, 29, 47, -61, 68, -28, -104, -15, -41, 23, -53,
    68, -36, 30, -24, 44, -32, -78, 20, -12, -29, -31, -47, 101, 47, -31, -48, -84, 13,
    -62, 0, 2, -18, -95, 38, -87, 29, -12, -63, 58, 50, 64, -22, 109, -17, -26, 43,
    -123, -89, -82, -69, -17, -18, 26, 17, 127, -6, -4, 93, 2, 88, -11, 39, 17, 55,
    52, 49, -26, 102, 70, 127, -11, 61, 5, 54, -85, -51, -20, -84, -34, 8, -4, 3
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit. */
static const int32_t digits_layer1_scale[32] DIGITS_FLASH = {
    -51555368, -1408924036, -664640408, -1811947078, -549627464, -1570962797, 54463032, -1735663444,
    -99874568, -1368108169, -328990536, -971115702, -305402376, -1829761859, -360226296, -1264614294,
    -396469192, -2094070542, -446184168, -1469328252, -224571191, 2032210702, 3586408, -981895093,
    164456089, 1957361432, -593393288, -1826592324, -660837127, 2095881990, -214949239, 1853612584
};

DIGITS_NOINLINE void digits_layer1(const int8_t *input, int8_t *output, int8_t *scratch)
{
    digits_conv_2d_winograd(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 8, 8, 16,
        /* output */ 8, 8, 16,
        /* padding */ 1, 1, -128,
        DIGITS_TABLE(digits_layer1_weights),
        DIGITS_TABLE(digits_layer1_scale), /* step, shift */ 2, 12,
        DIGITS_TABLE(digits_layer1_scale), /* row, form */ 2, 0,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 2: CONV_2D `..._1_1/functional_1/batch_normalization_2_1/batchnorm/add_1` (operator 2)
 * int8 [1,8,8,16] -> int8 [1,8,8,16], 147456 multiply-accumulates
 * kernel conv_2d_winograd: about 412821 cycles on cortex-m0, 2496 bytes of constants, 6336 of working memory
 * fewest cycles; instead of conv_2d_lanes (685946 cycles), conv_2d_sparse (834978 cycles), conv_2d_rows (1864879 cycles), conv_2d_taps (2149280 cycles), conv_2d_huffman (2156177 cycles)
 */
/* Weights [16,3,3,16] by channel, 9 taps each, in pairs. */
static const int8_t digits_layer2_weights[2304] DIGITS_FLASH = {
    -11, -9, 12, -62, 7, -42, 4, 1, -27, -25, -43, 12, 50, 17, 13, 26, 19, -12,
    -62, -9, 39, 41, 61, 28, 7, 10, 2, -3, 14, -53, 15, 4, -34, 3, 35, 51,
    20, 12, 44, 26, 8, -37, 15, 33, -12, 63, 18, 7, 63, -42, 51, 38, 20, 51,
    37, 31, -21, 0, -33, -41, 14, 13, -21, 12, -48, -29, -37, -29, -45, 9, 0, -5,
    6, -37, -110, -59, -127, -61, -66, -37, -15, -72, -23, -12, 39, -7, -13, -58, -8, -83,
    25, -69, -34, -71, 21, 26, -72, -28, 23, 41, 93, 18, 47, 7, 66, 17, 16, 2,
    -32, -22, -18, 24, 21, -12, 74, 22, -16, -66, -24, 29, 79, -15, 43, 13, -18, -37,
    -23, -21, 45, -19, 13, -7, -47, -12, 40, -64, 13, 30, 32, -32, -12, -64, -20, 16,
    -2, 44, -51, 18, -61, 57, 28, -24, 23, 55, -29, 69, 74, -7, 25, -5, 50, 13,
    -117, -72, -71, 3, 5, 8, -78, -52, 2, -98, -85, -35, -48, -91, -6, -8, 9, 30,
    -81, -37, 28, -57, 37, -31, -6, -38, -19, 127, 87, 42, -6, 69, 23, 33, 23, -40,
    -55, 71, 61, -52, 32, -40, 43, 41, -4, 36, 34, -30, -15, 30, 79, 15, 56, 50,
    69, 40, 24, 27, -54, -56, -16, -58, -3, 89, 105, 4, 48, -29, 86, 43, 14, 95,
    -42, -74, -22, -42, -6, 35, -11, -61, 34, -53, -66, 41, -35, 9, 44, 64, 34, 6,
    7, 36, -32, 18, 23, -13, 26, 70, 2, -76, -37, -43, 3, -34, -78, 99, -31, -44,
    6, -28, -56, -33, -77, -125, -33, 35, -106, 37, 69, -29, -11, 43, 26, 12, 47, -15,
    -37, -29, 58, 28, 65, 14, 9, 14, 51, 58, -39, 34, 14, -9, -75, 61, -63, -20,
    -2, 62, 97, -10, 80, -17, 19, 6, -92, -118, -41, -2, -66, -22, -40, 8, -43, 4,
    -86, -59, -91, -17, -33, -103, 9, -58, -55, 103, 67, 20, 63, -39, -2, 4, 11, 30,
    61, 1, 58, 31, -69, -10, 52, 32, 19, 48, -48, 27, 23, 54, 52, 15, 76, 72,
    -118, -101, -62, -95, -29, -63, -58, -75, -38, -35, 57, 29, 47, 0, -63, 41, -50, -89,
    51, 16, 54, -92, -9, 87, 2, -8, 30, -64, -34, -115, 30, 14, -107, 14, -64, -93,
    48, 70, 51, 112, -75, 34, 20, 10, -5, -17, 34, -1, 55, 112, 12, -53, -14, -12,
    -115, -27, 40, -41, 127, -48, -30, -76, -16, 2, -48, 46, 61, 18, -5, 21, 33, 41,
    -42, -27, 69, -39, 112, 96, 56, 9, -48, -33, 10, 21, -63, -7, 27, 31, 2, 11,
    19, 49, 13, 11, 94, 17, 14, 44, -57, -24, -36, -63, -59, 18, 39, -27, 3, -62,
    18, 24, 75, -39, -29, -9, 23, 0, -30, 35, -55, -39, 58, 8, -22, 45, 34, -33,
    36, 41, -20, 45, 43, 5, 84, 111, 16, 76, 48, -31, 21, -2, 50, 54, 63, 60,
    5, 36, 35, 38, 127, 48, 38, 47, 12, 12, -26, -6, -30, -71, -69, 27, 45, 87,
    32, -69, 30, -37, -25, -46, -70, -54, 44, -91, -91, -19, 4, -84, -78, -51, 42, -12,
    -57, 35, 11, -16, -17, -35, -21, -36, 84, -2, 80, 58, 100, 16, 54, -24, -30, 19,
    63, 50, 28, 34, 15, 36, 60, 25, 70, 67, 59, 48, -17, 72, 17, 23, -9, 38,
    -71, -19, 39, 42, -30, -32, 8, 76, -22, -94, -28, -54, -110, -42, 21, -55, -36, 16,
    52, -11, 17, -91, 16, 8, -14, -82, 65, -28, 12, 69, -79, -83, -65, -34, 74, 88,
    55, 77, 57, -40, -33, -17, -21, -60, -52, -36, 29, 17, -15, 7, 92, -60, -82, -24,
    33, 62, 17, 78, -6, -20, 72, 77, 32, -29, -26, -45, 52, -31, 7, -12, -26, -26,
    -24, -12, -108, -1, -23, 53, -8, -44, -30, 27, 127, 49, -33, 17, -18, 18, -3, 2,
    22, -57, 8, -5, -11, 30, -80, -9, 44, 51, 17, 13, 50, -7, 1, 89, 40, -63,
    -23, -33, -5, 6, -9, 18, -36, 23, 91, 95, -33, -89, 55, 27, -29, -112, -73, -32,
    -10, 5, 58, 35, 10, -83, 103, 27, -119, -10, 51, -38, -80, 5, -77, 30, -45, -42,
    -30, -63, -22, -2, 45, 19, -43, 27, 26, 29, 54, -44, -67, -38, -19, 34, -19, -6,
    -41, 60, 66, -5, -17, 21, 13, 66, 82, 1, -9, -67, -19, -51, -46, -86, -16, -60,
    31, -2, 28, -45, 50, -32, -30, -15, -12, -63, -55, 86, -14, 63, 6, -44, -48, -12,
    -72, -56, 28, -42, -30, -51, -32, -127, -32, -1, -13, -28, -6, 16, -27, -80, -79, 20,
    46, 87, -4, 37, 107, 83, -15, 17, 47, -12, 33, -17, 26, -53, 37, -117, -26, -63,
    -20, 45, -23, -83, -33, 25, -90, -52, 54, 20, -34, 39, 10, -28, 26, -30, 65, -5,
    38, 19, 4, -31, 54, 2, -61, 31, 8, -10, 15, 29, 39, 17, 14, 7, 6, -7,
    -3, 15, 29, 49, 44, 15, 80, 36, 17, 73, 37, 67, 47, 15, 33, 42, 50, -48,
    -51, -68, -83, 48, -28, -14, 20, -63, -91, 73, 89, 3, 109, 46, 30, 9, -3, -30,
    -28, 75, -8, 57, 61, 94, 34, 60, -27, -16, 118, 99, 8, 74, 95, 48, 52, 92,
    34, 15, -65, -53, -62, 55, -24, 84, 99, -26, -102, -48, -51, -24, -46, 67, -24, 14,
    80, 64, 11, -29, -4, -57, 97, 26, -38, 33, 8, 40, -42, -86, 11, -81, -20, -37,
    -1, 8, -23, 42, -14, 12, 54, -76, 34, 23, 28, -13, 53, 50, 25, -27, 35, 69,
    -80, 34, -42, 22, -21, 21, -3, 19, -8, 31, 26, 35, 40, 35, 50, -56, -103, -45,
    73, -33, -30, -70, -70, -76, -46, -94, -53, 17, -67, -53, 11, -6, 63, 77, 102, 58,
    127, 46, -92, -11, 63, -44, 83, 69, -33, -25, 68, 2, -51, 29, 34, -66, -62, -20,
    0, -65, -17, -75, -47, 28, -8, 10, 33, -42, 56, -35, -85, -102, -98, 42, -58, -73,
    11, -22, 83, 52, 51, 26, 21, -19, -39, 67, -43, -24, 127, 24, 62, -40, -26, -95,
    -72, 45, 7, 1, 19, -93, 36, 25, 16, -50, -39, -62, 21, -36, -12, 95, 2, 99,
    24, 10, -65, -17, 12, 122, 14, 28, -32, 7, -4, -63, -88, -59, 47, -34, -51, 68,
    -68, -65, -54, -31, -16, 4, 72, 38, 82, -15, -27, -51, -56, -16, -32, -46, -31, 29,
    -42, -5, -70, -24, -50, -17, -22, -5, -119, 89, 118, 127, -5, 24, 35, -45, 28, 66,
    -59, -10, -62, -19, 12, 43, -47, 77, -78, -15, 27, 29, 44, 9, -26, -16, -72, -92,
    -79, 32, -28, -17, 15, 29, -9, 47, -24, -81, 24, -14, -42, 22, -45, 61, 23, -58,
    -42, -82, -108, 41, -89, -16, -61, -59, -123, -18, -8, -30, -62, -9, -11, 4, -1, -11,
    42, 31, 67, -27, 62, 10, 64, -22, 40, 47, 29, -33, 0, -33, -7, 25, -28, 12,
    -17, -52, -122, 40, -26, -112, 64, 23, 6, 35, -40, -38, -39, -56, -25, -25, -3, -7,
    -20, -21, -24, 80, 41, -22, -55, -18, -51, 73, 97, 73, 65, -3, 8, -77, -68, -8,
    112, -26, 90, -11, -65, -29, -63, -3, -65, 19, 10, 75, -43, -98, 8, -119, -65, 1,
    16, -11, -7, 7, 27, 76, 23, 44, 4, 81, 38, -29, 85, 20, -38, 104, -8, 34,
    2, 15, -59, -37, -56, -38, -77, 21, -22, -30, -93, -86, -34, 5, 23, -2, 90, -8,
    -9, 24, 19, -15, -43, 27, -127, -37, -50, -9, 33, 12, 84, 29, 44, 13, 83, 36,
    32, 123, 64, 40, 68, 56, -25, -16, -9, -11, -33, -27, -35, -64, -66, -73, -7, -91,
    77, -5, -29, 30, 41, -19, 4, -41, -54, 49, 31, 34, 79, 14, 62, -14, -11, -43,
    15, -81, 28, 19, 13, -16, -11, 8, -13, -53, -41, -53, 60, -11, 90, 18, 23, 45,
    -34, -13, -49, 42, 37, -22, 37, -18, 5, -22, 14, -28, -5, -5, -9, 20, 45, 78,
    57, -5, 91, -4, 15, 25, -64, 17, -14, 9, 60, -27, 23, 32, 36, 78, 75, 5,
    18, -32, 15, 2, -18, -43, 4, -52, 33, 13, 31, -63, -57, -82, -127, -48, -100, -84,
    46, 33, 22, -30, -24, -4, -57, -30, -50, -7, -7, 29, -106, 41, -32, 16, 19, -67,
    1, 6, -32, 9, 25, 19, 29, -34, -56, -96, -14, 34, 2, 15, 11, 58, 54, 45,
    -102, -73, -70, -56, -69, -118, -24, -47, -27, -17, -37, -31, -79, 29, 33, 62, -76, 11,
    -63, -3, -19, 54, -1, 25, 4, -97, 9, -52, 10, 31, -42, 19, 89, -3, 46, 24,
    44, 44, 31, -34, 36, 87, -63, -10, 16, -7, -15, -72, -8, 5, -100, 46, 14, 20,
    -25, -106, 14, 92, -8, -44, 49, 2, -2, 51, 62, -35, -11, 57, -9, 56, 12, -85,
    -15, 65, -10, -20, -73, 99, 52, 42, -84, 62, -22, -70, -7, 0, -76, -71, -25, 33,
    -58, 41, 11, -20, -39, 28, -90, -58, -94, 27, 39, 63, -37, 8, -3, 62, -127, -56,
    -63, -42, -91, 45, 4, 20, -39, 92, 46, -54, 67, 47, 48, 52, -40, 45, -8, -85,
    32, 36, -38, 90, 57, -63, -19, 39, -44, 15, 70, 45, 39, -44, -68, -15, 23, 12,
    64, -32, -8, 7, -6, -2, 41, 104, 12, 61, 27, 105, 72, 27, 32, 27, 8, 13,
    -9, -4, 3, -25, 42, 71, 65, 6, 77, 59, -5, 46, -14, -20, -16, 28, 43, 1,
    100, 36, 45, 84, 37, 14, -11, 60, 15, 20, -10, 32, -64, -19, -61, -46, -10, 18,
    4, 55, -50, -33, 40, -63, -73, -63, -80, 14, -70, -49, -40, -4, -28, -2, -127, -47,
    49, 67, -54, -39, 7, 73, 41, -8, 76, 59, 45, -22, 21, -17, -26, 7, 65, -14,
    -42, 10, -59, -20, -109, -7, -68, -39, 30, 45, 12, 28, 89, 91, -23, -40, -44, 2,
    -15, 63, 45, -28, -12, -2, -62, 7, 20, 86, 26, -48, 44, 64, -15, -34, 78, 13,
    3, -22, -32, 11, 3, -19, -57, 0, -30, 40, -23, 21, -17, 63, -33, -43, 24, -13,
    -23, 1, -18, -53, 60, -41, -47, -18, 35, -40, -15, -53, -76, -7, -66, -26, 27, 43,
    -39, -45, 13, 26, -34, 57, 50, -41, 89, 4, -34, -27, -5, -7, 20, 22, -10, 22,
    28, -38, -56, 13, -40, -51, 1, 28, -2, -50, -18, 20, 30, 39, 93, 0, 54, -9,
    -22, 13, 25, -5, -42, -74, 1, -20, 51, 15, 58, 19, -35, 73, -17, 15, -1, 48,
    -32, -10, -72, -9, -17, -19, 7, -127, -27, -47, -55, -61, 3, 17, 40, -33, -14, 20,
    -92, -49, -48, -14, -10, -47, -17, -45, 20, -5, -12, 47, -13, 60, 8, -74, 1, -28,
    -34, -73, 41, -18, 11, -47, 32, -53, 59, -16, 26, -13, -39, -63, 27, -40, -32, -59,
    -19, 61, -21, -30, -15, 52, 13, 77, 3, -12, 20, -13, 65, 50, 39, 79, 54, -11,
    -37, -40, -30, 79, 14, 41, 80, 75, 73, -52, -43, -90, -79, -19, -66, -17, -25, 52,
    -19, -30, 41, 6, 12, -17, -74, -5, 26, -105, -63, -127, -1, -6, -8, 59, 56, 25,
    44, -8, 17, 2, -1, 31, 22, 63, 94, 11, 52, 22, 60, -6, 26, 64, 36, 17,
    19, -34, 73, -46, 21, -6, -6, 35, 8, 29, -7, -95, 29, 25, 57, 25, -34, -86,
    -67, -1, 72, -30, 20, 79, -105, 37, -15, -29, 63, -33, -3, 39, 95, 22, -57, -10,
    14, 18, 37, 14, 5, 55, -76, 13, -13, -60, -38, -102, -42, 11, -15, -102, -96, -85,
    -101, -15, -55, 1, -72, 3, 24, 26, 1, -29, 57, 49, 10, -32, -38, 60, 52, -44,
    -57, -50, -15, -19, -14, -13, -29, -47, 35, 21, -20, -98, 46, 61, -4, -24, -48, 0,
    53, 49, 46, 1, -29, -29, 30, 1, 34, -67, -26, 11, -49, -7, -4, -34, -26, -48,
    -46, -93, -21, -93, -71, -86, -77, -75, 3, 78, 65, 54, 39, 74, 54, 16, 98, 63,
    72, 3, 74, 69, 79, 90, 108, 61, 127, -22, -6, 14, 0, -37, 21, -22, -58, -108,
    -4, 8, -84, -23, -14, -74, -55, -45, -15, 5, -7, -2, -42, 25, -53, -55, 20, -87,
    -3, 10, -28, -59, -59, -25, -54, -57, 37, -53, -41, -84, -8, -51, -50, -82, -35, -27,
    -11, 41, 29, 31, 84, -67, 25, 27, 36, -6, 52, -33, 15, 25, -6, -3, -41, -38,
    48, -18, 3, 57, -7, 28, 82, 20, 23, 41, -63, -10, -6, -14, -66, -42, -51, 5,
    -5, 21, 19, -57, -22, 35, -8, -100, 31, -2, -25, 26, -15, -105, -12, -42, -25, -5,
    83, 61, -11, -15, -25, -45, -41, -15, 1, 90, 92, 69, 20, 104, 53, 91, 87, 27,
    23, 25, -54, -63, -77, -32, -84, -71, -21, -93, -126, -105, -31, -86, -127, -18, -81, -115,
    31, -41, 33, -28, -50, -10, -34, -67, -59, -66, -17, -10, 18, -74, -88, -53, -1, 73,
    -52, -81, -1, -47, 45, -32, -13, -57, -23, 66, -47, -53, 67, 72, 77, 95, 65, 80,
    55, 36, 91, 51, 28, -6, 12, -9, -43, -76, -66, -50, -74, 8, 16, 104, 74, 41,
    -11, 9, -39, 46, 63, 7, 79, 56, -19, 8, -18, -50, 39, -44, 19, -48, 31, 23,
    39, -112, -34, 57, 79, -26, 20, -5, -36, 28, -13, 70, -39, 34, -51, -18, -6, -67,
    -5, 18, 29, 0, -94, -47, -50, -10, -31, 14, -21, -47, 17, 101, -33, 62, 30, 49
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t digits_layer2_scale[48] DIGITS_FLASH = {
    53124296, -2002574882, 2030108753, 524994058, 1071577088, 1090535662, 293886905, 1175597522, 1979744106,
    1240203161, 1134520547, 2055241949,
    420872394, 832156746, 1400914200, 507913978, 1033158410, 1132478655, 901138441, 1126830310, 2063630067,
    -16224519, 1273245615, 1828749246,
    111572457, 1160169433, 2004910169, 418619529, 1315717793, 1770028578, 187255738, 1053458436, 1107312700,
    926978554, 1036733961, 1124090155,
    144940169, 1171544276, 1988132429, 257531913, 1121597673, 2072019048, 105316937, 1144127711, 2038464453,
    308539546, 1036953609, 1124089941
};

DIGITS_NOINLINE void digits_layer2(const int8_t *input, int8_t *output, int8_t *scratch)
{
    digits_conv_2d_winograd(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 8, 8, 16,
        /* output */ 8, 8, 16,
        /* padding */ 1, 1, -128,
        DIGITS_TABLE(digits_layer2_weights),
        DIGITS_TABLE(digits_layer2_scale), /* step, shift */ 3, 12,
        DIGITS_TABLE(digits_layer2_scale), /* row, form */ 3, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 3: ADD `functional_1_1/functional_1/re_lu_2_1/Relu` (operator 3)
 * int8 [1,8,8,16], int8 [1,8,8,16] -> int8 [1,8,8,16]
 * kernel add_affine: about 30454 cycles on cortex-m0, 0 bytes of constants
 * fewest cycles, and nothing is smaller; instead of add (211419 cycles)
 */
DIGITS_NOINLINE void digits_layer3(const int8_t *input1, const int8_t *input2, int8_t *output)
{
    digits_add_affine(
        input1, /* step */ 1, input2, /* step */ 1, output, /* count */ 1024,
        /* multipliers */ 8518574, 2372515,
        /* offset */ -239610355, /* shift */ 22,
        /* clamp */ -128, 127);
}

/* Layer 4: CONV_2D `..._1_1/functional_1/batch_normalization_3_1/batchnorm/add_1` (operator 4)
 * int8 [1,8,8,16] -> int8 [1,4,4,24], 6144 multiply-accumulates
 * kernel conv_2d_lanes: about 51771 cycles on cortex-m0, 765 bytes of constants, 384 of working memory
 * fewest cycles; instead of conv_2d_sparse (63580 cycles), conv_2d_rows (133700 cycles), conv_2d_taps (145698 cycles), conv_2d_huffman (166945 cycles)
 */
/* Weights [24,1,1,16], four to a word, 4 words for each output channel. */
static const int32_t digits_layer4_weights[96] DIGITS_FLASH = {
    789614591, 41488, -638016545, 895483854, -1495791932, -1201743620, 1844424990, 56752,
    -1154426368, -1451160828, 740148997, 158005787, -1182857186, -605175059, -1281425130, -417188410,
    29724, -386205437, 21156, -668719838, 59519, -302386701, -43852824, 941353249,
    1305586917, -556112842, -161627334, 13664, 883282445, 975784003, 7495, -665642712,
    739835138, -1529270815, 336722180, 2144126197, -1648555772, 1206373140, -183139846, -1707539286,
    32706, 314512593, 66514375, 1348466682, 48255, 196990414, 38260, 280141074,
    33052, -132847024, 239538726, -1427297747, 1040510140, 58198, -464386689, -67117361,
    29741, 1095694358, 42623, 135318836, 1309269621, -876736719, 271780839, -2126703071,
    207887350, 38584, 42662, 1628834829, 72712182, -675941662, 232874763, 1172101416,
    -316888779, 37736, 1359866516, 20024, 36918, -823110144, 33055, 1176111904,
    -368885341, 251334208, 31073, 3347, -113302143, -1845998572, 406840055, 638269399,
    706149796, -658293495, -367312511, 704509010, -669850818, 45392, 876406030, -600764155
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t digits_layer4_pairs[93] DIGITS_FLASH = {
    1, -45, -127, -1, 3, -84, 127, -1, -1, -1, 0, 127, -60, 1, -21, 74, -1, 0, 49, 61, -1, 3, 127, -75, -1, 2, -56,
    127, -1, -1, -1, 0,
    -30, -78, -1, 0, 44, -57, 1, 92, -38, -1, 0, 4, 113, -1, 1, 104, -44, -1, 0, -56, -45, 1, -41, -4, -1, -1, 1,
    57, -127, 0, -56, -36,
    -1, -1, 1, 38, -14, 1, 57, -127, -1, 0, 10, 110, 1, 85, 75, -1, 2, -41, -16, 0, -108, 127, -1, -1, -1, 1, 3,
    127, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t digits_layer4_scale[72] DIGITS_FLASH = {
    -49571912, -115433465, 914423534, 64939688, -1198947998, 1241579368, 68424840, -37914110, 897648407, 55484424,
    -809983685, 1098959700,
    240982312, -56908797, 906035099, 246375224, -107920378, 914424529, 262757816, -639932372, 1048641664, 327535272,
    -340318699, 973143542,
    99412951, -1866215741, 1577123835, -45573832, -179059701, 931201292, 85880327, -1910543924, 1602289707,
    60923432, -724632781, 1073807125,
    214096664, -107992314, 914423762, 238164056, -831058627, 1107362557, 239102776, -384956391, 981532661,
    210466584, -769624521, 1090584892,
    24011544, -598432471, 1040252828, 186437159, -2083974928, 1728119264, 168972472, -1175160224, 1224801947,
    282596088, -1017560241, 1166082682,
    261838344, -934622394, 1140915917, 210179480, -1536808306, 1392574435, 170785208, -1522655092, 1384185772,
    246024856, -202376692, 939589239
};

DIGITS_NOINLINE void digits_layer4(const int8_t *input, int8_t *output, int8_t *scratch)
{
    digits_conv_2d_lanes(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 8, 8, 16,
        /* output: width, pixels, channels */ 4, 16, 24,
        /* filter */ 1, 1, /* stride */ 2, 2, /* dilation */ 1, 1,
        /* padding */ 0, 0, -128,
        DIGITS_TABLE(digits_layer4_weights), /* words */ 4, DIGITS_TABLE(digits_layer4_pairs),
        DIGITS_TABLE(digits_layer4_scale), /* step, shift */ 3, 12,
        DIGITS_TABLE(digits_layer4_scale), /* row, form */ 3, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 5: CONV_2D `functional_1_1/functional_1/re_lu_3_1/Relu` (operator 5)
 * int8 [1,8,8,16] -> int8 [1,4,4,24], 55296 multiply-accumulates
 * kernel conv_2d_lanes: about 243482 cycles on cortex-m0, 3798 bytes of constants, 1408 of working memory
 * fewest cycles; instead of conv_2d_sparse (297514 cycles), conv_2d_rows (698160 cycles), conv_2d_taps (809480 cycles), conv_2d_huffman (892170 cycles)
 */
/* Weights [24,3,3,16], four to a word, 36 words for each output channel. */
static const int32_t digits_layer5_weights[864] DIGITS_FLASH = {
    -336468787, -1337987536, 567399615, -253450354, 417918193, -1025177727, 117290144, 162270254,
    383957959, -952435956, -926098957, 112977132, 185270471, -166605359, 42668, 684190667,
    -518592103, -286453344, 19905444, 49342, 56978, -904141607, -200300129, -290841412,
    -439161679, -434176972, -300206597, 1424357540, 266948040, -149752090, -669329015, 753127620,
    -786417891, 422826270, 622391749, 739899815, 1709359126, -440719846, -770436375, 706207909,
    435818222, -65938643, -1377522, 231730894, 35043, 351873009, -790673915, 61122,
    -121353642, 228056153, -384893400, 155904790, 201518339, 41811, 282018302, 2080633097,
    51110, -54787598, -558734828, 2113616141, -674038742, 634511088, -86503430, -729822184,
    -283843732, 1828846772, 183582459, 739265580, -82105829, -267119191, -1560148237, 1527117884,
    891215144, -809619720, -30520301, 434770873, -517129722, 501096935, 955309597, -1010034679,
    -756869127, 1024069648, -87614662, -68610823, -984214477, 60618, 2146381013, 1171787499,
    -305798552, -738006877, 197449674, 1187246935, -721862127, 752612840, -742256637, 97120593,
    585165610, -1175910164, 436470296, 213321957, -1508245970, -2683902, 1224132638, 15843637,
    -584638374, -321712367, 48875506, 11934518, -286256331, 804396600, -137751051, 284695013,
    271963708, 1629090570, -1038352643, -693379355, 1105388874, -585452228, 39127, -1275907354,
    -329589335, 1159454456, 486948564, 1422130882, -182715157, -1076232927, 534575386, 315754518,
    606996541, -838480528, -303572531, 404145717, 855052523, 919907878, -187279333, 1458049042,
    1105273243, -638018239, 117446066, 1220328975, -974469609, -622150373, 612363493, 554771706,
    15589, -1675215401, 303101512, 753469422, 1934499356, -955054609, 634055967, 298983644,
    -49071161, 171235551, 1204474909, 621961162, 939733544, -131605779, 521091247, -147846306,
    -504493010, -765121339, -101057048, -64733581, 287656923, 267585276, -620359171, -481545915,
    315232624, 1759256595, 722974964, -788194499, -217185472, 246150164, -548423496, 373953264,
    498936095, 301535153, 139058175, -864077315, 116622834, 652686072, 140184363, 305125575,
    540127184, 472987099, 84266564, 338640608, -319954200, 22248, -203036651, -124444623,
    1594275094, -17746234, 299442933, 202965479, 86689158, -1594401747, -317007088, 65590517,
    890631902, -2130508206, -944370679, -254218201, 521393606, -22322162, 49199, -151834421,
    1042026212, -1592859611, -804205523, -640161258, 622072770, -1135662300, 2826742, -163848226,
    -725854985, -268290345, 835782686, 635780897, -1911870682, -186566685, 1104224511, 1040915938,
    19475, -568407522, 12976856, -335287584, 183181769, -232984574, 216531007, -386465281,
    148188911, -751124185, 352790595, -685716814, -1193204778, -702027007, -721758228, -756488672,
    551495645, -1069683475, 619310859, -805117407, 198182883, -347728187, -1043660762, -501693994,
    -236783631, -834676755, -1157620741, -503320545, -821882109, -321380884, 455468801, 1072228112,
    -1562429490, 271256811, 753086979, 471520512, -1662111481, 51073, 200222265, -1289377559,
    -621527590, 906699520, 937815496, 803854308, -284816154, 289133338, 519760904, -219166808,
    -352317979, 456262644, -472373460, -787294951, -119139581, -1036651459, 353373243, -387911702,
    -81927388, 857603575, 683213658, -1288843262, -804195605, 1328299558, 200079388, -284306227,
    -398997763, 398802436, 1303512337, -422713098, -903425798, -626332379, 1476787673, -73989693,
    1361237271, 598421723, -1655572798, -303748801, -1224881987, -156588304, 112203095, -625686861,
    355191053, 79224531, -1000415186, 46469659, -1111891990, 1048701187, -366476833, -1023794123,
    -82503908, 398982608, 87243373, -289333708, 373358625, 566869304, -1610678682, 29113,
    869065013, 234165043, 25338, 230377491, 622664695, -386726424, 237886973, 193006055,
    235533812, -333572125, -132702208, -524412382, 941487088, -1276832079, 571197157, 163722007,
    474026246, -587536940, -117039114, -18930379, 373163030, -837224171, 721292004, -334418883,
    218375147, -690032144, 370601449, 182581749, 50584327, -47323862, 434641080, -1123282944,
    454626536, -752685284, -318035288, -452261881, 369877773, -268299996, 218632895, -670153735,
    354093628, -783600892, -943797984, -639236646, -437696210, -720128469, -1194011318, -151843816,
    -940429803, -53356232, -1779633424, -336518896, 34351665, -618929113, -337657009, -314832709,
    -500114884, 1128060487, -741156235, 416541151, 1038745927, 224117493, -33696935, -100855784,
    367901635, -1223686898, -808924449, 399691721, 129234950, -347821305, 721345880, 1057537062,
    807254767, 550108424, 549987390, 49376, 573167185, -944954321, -270954212, 18291,
    -598814170, 867674605, 1007414205, 767553901, 221583477, 713934324, 1112999679, 550704173,
    170394928, 5280, 704767701, -1026692661, 19141409, -269763101, 401541329, 101891031,
    -753582504, -382923221, 1392252877, -737407770, 805911307, -500126756, 1322061514, 738449930,
    49491020, -361164860, 754661068, -868759347, -152064985, -320262624, 130514881, 265413103,
    -631293721, 47909, -433932738, -772593742, 284307910, -1268523307, 387307546, 830540313,
    1413217807, 17209, -233306095, 514455967, 619762140, -1489840429, -319914563, -132266278,
    -453135012, -1190604748, -320260633, 86564107, 1730403776, -1671616257, -509753312, 1171011326,
    683861985, -193536482, -552401146, -350057956, -23910681, 1148262660, 1155257827, 633712309,
    1542995924, 1046479930, 227032522, 435234058, 1409887432, -245889287, -167770603, 135615737,
    50078, -689968409, 300358694, 114976060, 1041479358, -669449244, -1311437031, -1390088932,
    1411778516, 135669771, 1200494053, -1236917002, -201077119, -1039673973, -82834161, -1240777154,
    337299119, -467524417, 684991282, -133862347, 119926158, -374134771, 868606977, -506120427,
    721013691, -828053013, 1304884494, -384035080, 49282, 183183196, 166833124, -817542866,
    -230397397, -626520123, -501794297, -300540201, 625863616, -957363009, 84272088, 316916471,
    34154920, 633808845, 237634844, -854546460, 388379647, -1164785148, -1058469059, -921091384,
    71102900, -423764712, -1881089286, -167302746, 384283330, 160704751, -470616338, -471649337,
    -230414631, 1239421683, 319819558, -501274475, -605500746, 921902077, -859246370, 871687046,
    62885, 2130845947, -1243560178, -63708483, 823787304, -938284288, 591175195, -366598148,
    436514853, 875619864, 1227547977, -583940599, 1455875854, 163702041, -353961708, 1629745113,
    923777022, 17110, 839007594, -518863120, 214937840, 975107428, -17571813, 416796686,
    835312192, 238296558, -521527516, 835903684, 570084343, 54575, -221427193, 150458102,
    -357562311, 1089140498, -80082942, 537195574, -588064478, 1663499288, 188687871, 616828891,
    987115100, 34823, 701170177, -972110538, -776343325, 852436511, -666499330, 206321892,
    1157830407, 246886190, 992211029, 771100157, 562160692, 46636, -771119591, -1235871694,
    -250280842, 736815350, -566043839, -971291356, 435693065, 555176777, 1125887527, 787362005,
    314899731, 1206968532, 634906079, -1338117828, -456927161, 806886682, 774056476, -154214860,
    651220533, -501341631, 485879124, -255310856, -216025334, 129414856, 46968041, -163394561,
    1108379637, -659224695, -138051311, -28716289, 1072163769, 59045, -656851986, -582565151,
    39583, 179306726, 703907323, 517334959, -638275591, 15517, 603373923, 437313327,
    196465616, 658061748, -1123811054, -380904202, -989930717, 1914314181, 1170279657, 740175006,
    181437420, 874453692, 335145563, 299743442, 47458, 666174123, -1075984681, -1185546483,
    -659404055, 59265, 14608569, 1573344243, -405596986, -793322841, 27593984, 716437802,
    -622059342, 52904, 312024125, 1273170693, -265795828, -621535006, -626052057, 82837204,
    -220832047, 53142, -71759586, 499983801, -993714745, 51051216, 50266902, 1033847544,
    150279906, -936236864, 49618124, -35321350, -1462681886, 305739244, 67198929, 1460075795,
    -1644366342, 4771, 604576239, 381311499, 485405701, -65402148, 1035797473, -17053730,
    152361427, 232673564, 1646409693, 510657760, 1308211978, 198850051, 1261376460, -283587687,
    319483157, 2145528341, 1729368603, 67691373, 1070190833, 451455412, 20335082, -17580765,
    48431123, 1009321467, 639320532, 421456892, 990886903, 809506823, -368182216, -157144260,
    970199618, 172013533, -655025123, 97654800, -172354508, 451078591, -888609964, -506641883,
    1077284602, -199951177, 788394808, -37241446, -450569158, -1158284354, -1289492461, 40622,
    -488627391, 135731966, -219565316, 232909995, -34031124, 447608803, -737298965, 784127713,
    -1158940114, 602667521, -1778585843, 922452448, 166521414, 735645699, -653287633, -18109758,
    -299501840, -1025916471, -1005403607, -19016670, -1325084633, 400555477, -868696516, 113156830,
    299751738, 84477948, -415046680, -894310441, -116145355, 362085612, 956666078, -465830719,
    802549740, -222560996, -280712199, -1327354383, 1007689468, -4327686, -667236343, 400898550,
    802989850, 700199949, -233733827, -34084357, -554374644, 252508138, -733819405, 182960154,
    -234238523, 552148688, -1137720334, -134686256, 38220, 890306532, -433286132, -517792981,
    535410490, 666838741, 36920, -202966237, -89457569, 634394929, -651424183, -624363233,
    44708, -204656417, -52504040, 107365577, -1056042776, -1394392894, -538366177, 541256939,
    -784799223, -1459502403, -587471952, -253363760, 38588, 177475504, 290126625, 1177112524,
    -1223893004, -1225596690, -338555861, -482986506, 201541882, 519945480, 532411398, 102087439,
    -31872596, -624344364, -610599112, 741869953, -569125481, -795204622, 732632535, 556277026,
    -233053449, -387857597, -149765446, -281863944, 540543662, 81067700, 986061822, 722345713,
    -446820608, -909583083, 803419233, 718483687, 856496679, -618469917, 437174816, -86901793,
    271372742, 99025071, 1977543216, 520818416, 825744362, 54422, 198971194, 887610638,
    -1021842400, 1627698187, -1462035466, 1002111267, 317584582, -993733351, 315564853, -288209635,
    871439654, -1362177792, -87425527, 1019676679, 636882184, 1499415, -2114194486, -238813885
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t digits_layer5_pairs[150] DIGITS_FLASH = {
    14, 58, -113, 4, -101, -51, 0, 47, 67, -1, 8, -41, 93, 2, -96, 118, 5, -80, 58, 2, 71, 42, -1, 13, -79, -114,
    -1, 10, 78, 55, -1, 0,
    91, 112, -1, 9, 101, 55, 16, 91, 109, -1, 8, -111, -127, -1, 9, 58, 23, -1, 31, -67, 34, 2, 92, -93, -1, -1, 35,
    -127, 67, -1, 3, -49,
    61, 9, 77, -73, -1, 1, -67, -113, 7, -111, -47, -1, 4, 67, 102, 27, -60, -19, -1, 32, -102, -52, -1, 13, 118,
    46, 11, -57, 127, -1, 1, -58,
    72, 11, -56, 89, -1, 9, -99, -52, 2, 72, -59, 4, 0, -119, 14, -20, 87, -1, 1, -127, -89, 7, -92, 48, 7, 96, 11,
    15, 127, 21, -1, -1,
    7, -79, -27, -1, 24, -69, 45, 5, 84, -52, -1, 0, -43, -79, 11, 29, -63, -1, 17, 89, 64, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit. */
static const int32_t digits_layer5_scale[48] DIGITS_FLASH = {
    -1378548312, -2036377371, 170426680, -1178192032, -129414776, -1698920026, -769368, -1604934504,
    761431801, 2098882053, 51924184, -1861621309, -495969960, -1272140181, -100807736, -1446357375,
    -330997272, -1509185142, -13873144, -951193016, -243357320, -2010545440, 66401080, -1865877821,
    -247433112, -2109433098, -216507016, -1924654641, -795725816, -1820042053, 422296585, 2145301504,
    535073080, -1927112497, -1041225127, 1844465449, -601777511, 2005511442, 337813897, 1905334304,
    -1083297447, 2142628864, -433623704, -1533235315, -866213880, -1926306865, -111997448, -1588237163
};

DIGITS_NOINLINE void digits_layer5(const int8_t *input, int8_t *output, int8_t *scratch)
{
    digits_conv_2d_lanes(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 8, 8, 16,
        /* output: width, pixels, channels */ 4, 16, 24,
        /* filter */ 3, 3, /* stride */ 2, 2, /* dilation */ 1, 1,
        /* padding */ 0, 0, -128,
        DIGITS_TABLE(digits_layer5_weights), /* words */ 36, DIGITS_TABLE(digits_layer5_pairs),
        DIGITS_TABLE(digits_layer5_scale), /* step, shift */ 2, 12,
        DIGITS_TABLE(digits_layer5_scale), /* row, form */ 2, 0,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 6: CONV_2D `..._1_1/functional_1/batch_normalization_5_1/batchnorm/add_1` (operator 6)
 * int8 [1,4,4,24] -> int8 [1,4,4,24], 82944 multiply-accumulates
 * kernel conv_2d_lanes: about 351124 cycles on cortex-m0, 5661 bytes of constants, 1984 of working memory
 * fewest cycles; instead of conv_2d_sparse (428369 cycles), conv_2d_winograd (702161 cycles), conv_2d_rows (971960 cycles), conv_2d_taps (1145690 cycles), conv_2d_huffman (1247059 cycles)
 */
/* Weights [24,3,3,24], four to a word, 54 words for each output channel. */
static const int32_t digits_layer6_weights[1296] DIGITS_FLASH = {
    25650, -541003617, 335723518, -502286553, -742915836, -667222128, 1052991013, -856633411,
    603965187, -654839069, -824897051, 88608188, 26416, -1040575552, 151694043, -335749351,
    161284606, -631524634, 890458683, 229761495, 220123606, 49735, 62855906, 475913638,
    1239165962, -38277623, -500882735, 689761297, -69532977, 70053358, 802845198, 131271148,
    639180795, -115418333, 548885749, -98385687, 65222376, 669774330, 585552878, 925365067,
    433073134, 587702483, 182281528, 580771296, 119532789, 574031868, 183563991, 154848815,
    214459932, 53682, 668137144, 56820282, 252119534, 404866550, 41576, 947857390,
    552651533, -370501314, -772932914, -923406775, -1579757784, 823869972, 184070924, 121031185,
    35519424, -572988877, -1024607718, 24573, 252224497, 892314921, -718009455, -941939916,
    -458180799, 490616030, -602864115, -230961390, -734463511, -824118234, -118110968, 555235353,
    436462878, -647242782, -167117817, -305732823, -587282629, 879438843, 416859931, 877124076,
    -1338961734, -825617636, -472726999, 908405222, -1053892364, -201082624, -1044433700, -305991355,
    -155462900, 589771277, -919553278, -280377612, -99481637, -122554260, -773608946, 291974116,
    -118301199, 592567819, -1038472487, -157021113, -1321078027, -438436914, 219844582, -1408507918,
    -624606461, 628947227, 220190394, -788725595, -186994678, -1506476529, -104313819, 740365640,
    46009, -837881632, 230542666, -1510268677, -840401138, -131119031, -686026222, 67440878,
    135259662, -383772669, -238144984, 508955890, -29107526, 253090788, -421926152, -1306995987,
    96685528, 369357357, -552405265, 216322535, 282699031, -1761863966, -792825853, -77382102,
    -914627121, 602406097, -470175180, -647372818, -118869485, 976697614, -228730365, -185153559,
    117099325, -764994571, -727370273, 692465696, 44231, 17025551, -186153424, 22485,
    23281, 26706, -432947533, -454106404, 1808001327, -581352188, -131969334, -317407003,
    -1036066088, -471742759, 1139735382, 272356844, -721470527, 67105303, 117427671, -219552553,
    885776943, 171642403, -116526887, 416422695, -181945642, 95936788, 449503091, -1120730885,
    -183098110, 132581125, -617937743, 785172953, 686605896, -855703373, 369043937, 820427713,
    -953938672, 264811015, 499376439, 50925526, -924575554, 16918777, -1005324630, -455298075,
    702920459, -648409850, 166271905, 556389969, -957477141, 266699014, 770959150, -116140357,
    13965, 1073731649, -1037625882, 1072478948, -38017773, 141036493, 364783764, 123600664,
    -872234532, 1959779640, 20804, -382216903, 722327769, -321922341, -955784191, 1223685664,
    63805, 587915373, 1074718934, -405530381, -1492390610, -219362285, 19481, 168621393,
    99620846, -342163993, -569447432, 903868921, 867450670, -202846187, 201926387, -1512837637,
    -1019804427, 837812986, 1355484751, 589157923, 118365677, -688525577, -904138997, 215139309,
    13102, 420156963, -185402889, -808063023, -1375407929, 637063916, 688665384, 723262511,
    15335609, -1077159683, -1523713767, 855107283, 905002247, 452724247, 703393802, -575414800,
    -972230612, -149243162, 988887545, -266923972, 49358874, -810166550, 1258170848, 656,
    35139, -147719936, 165221604, -406202053, 1001842122, 267706009, 888393785, 927335696,
    -421777730, 319713, 1377834724, -1459093346, 1243062843, 371238635, 501097649, 1102982413,
    652808902, 278979274, 743305535, -131811502, 345623252, 787290654, 1205666268, 48232688,
    -536946120, 48970, -307701301, 1086717175, 65941943, 147182007, 527160886, 810872072,
    969326278, 938147065, -200843320, -808006978, 187288406, 82950162, 131727060, 1424361553,
    685120987, -165411913, 239669103, 387043403, 832159718, 151447846, 483281897, -153359415,
    57215, 521374201, 668259535, 1358041900, -2415857, 32701, -1378425627, -652867118,
    131585608, 874853602, 234751733, -1407113802, -1375269155, 134493119, -256251567, -151053577,
    466617836, -1759031552, -1389636116, -334478131, -993131928, -131649540, -287963096, 155007728,
    -1089406731, 98579923, 231863095, 1026368729, 534837546, -1086247435, -1073364795, 271388630,
    -1760926, 871630815, 262930908, -567783182, -1607989804, -231858671, -623234735, 351014902,
    197984006, -402567915, -1243039980, 268446195, 396172086, 255860160, 1103555090, -267441655,
    -367006725, -179686940, -53919692, 772546024, 350691375, -822273304, -820447473, -332907038,
    -673431707, 523110607, -1461587759, 640159784, -1025773329, 648480031, 1194729286, 283053502,
    -885987812, -638644909, 48377793, 1258693354, 1931145486, -140167401, -1611291887, 507779178,
    -1406663689, -71745009, 1629108781, 12460230, -856960298, 819799078, -1529353217, 1373242105,
    -30195673, -1008783919, -1021530620, -170985435, 202834902, 987048156, 457776672, -691518228,
    -16148733, -867889110, -156954903, 132776176, -130085056, -1059293719, -420491551, 880012558,
    25555, 418710771, -67810177, -1145833261, -251869187, 672522268, 19893, 248380652,
    102959451, -492676823, -1174299611, -781318589, -1193130276, 1155867166, 202042743, -1195103771,
    1055791200, -414890212, 72219080, -1647702305, -702560026, -116659401, 607144508, -1256982252,
    -250402848, -677635085, -635831818, -449715609, 171192642, -386452989, -244508720, -423886893,
    -923021619, -464327655, 957422622, -986239224, 922815452, -856949015, -887757553, 1043844376,
    925705998, -203554606, 117832674, -756149781, 218818355, 154721326, 536680509, 63450109,
    -164221483, 56538, 1055517487, 558555460, 640674861, -739940343, 1161618176, -1462713910,
    -418458073, 1043069474, 174266426, -1024701732, 1259786725, -359072090, -600382204, 455799829,
    239211837, -207400467, -95480603, -946096658, 623169744, 293536516, -1058796570, -924458748,
    -888566331, 2134693884, -438738168, 150613658, -16392465, -65672402, 450425570, 940240572,
    -886162682, 66861587, -220604417, -819484104, -148501, 723435251, 53101850, 354308612,
    -752950257, -972763834, -1547372034, 689627397, 49821748, -620557913, 49605115, -551679179,
    -116924166, 405074172, -804642530, -405004622, 249605861, -516494242, 250013907, 603570581,
    505560566, -1021959723, -672932358, -335420626, 43448, 790364705, -470323910, -670428369,
    151116023, -370821079, -338563110, 536601028, -183479504, -820302852, -37378578, -247022516,
    -53539636, 338348758, -587039492, 23089, 170134211, 1010509831, -285949428, -857402398,
    -1290793431, -499267063, -111544399, -61661423, -788459562, -120189216, -1322118884, 406049081,
    -501739608, 8685, -852379471, -842658367, 57028, 960025924, -618717670, 16890,
    652015071, -520488977, -44552200, 170441433, -464570649, 910118163, 485151983, -153875255,
    186657278, -213784344, -399435345, 1332029440, -104277824, -656870704, 405752262, -181744893,
    83700187, 544016900, -483801405, -170653731, 16769280, -283516378, -250931274, -212135688,
    -418582558, -270860074, -551933213, 69524238, -185471336, 813368073, -649408302, -171255064,
    -82488657, -531123471, -149818405, -623113744, 269347663, -205071128, -1059061756, 81606751,
    -503981331, -904792607, 588042792, -68944669, -15462152, -34723801, -46865418, -770782750,
    603567187, 451670525, -1157821960, 451560786, -217131049, -570760428, -318779580, -82916588,
    -170197793, 33692733, 232913598, -419766294, -83428853, 469181179, -620503589, 167375138,
    722199000, 249427983, 452978227, 100516078, -201852432, 249706577, -116521231, 332127509,
    -247025320, -1076043267, 483786741, 23679, 220060397, -99351813, -485497030, -905261848,
    29491715, 1072313387, 204526260, -233308931, -702169512, -372654368, -286399032, 756759880,
    621164536, -1394387482, -570167995, 420874781, 685394933, 79784381, -321120797, -236001585,
    -419490518, 671362822, 484701989, -218040336, 150801654, -704687139, -585965488, 220335882,
    716832054, 182598121, -492046646, 163848400, -653910180, 1193736238, 598739428, 1557138665,
    233632198, 691333553, -590290463, -619700932, 620622813, 250095100, 247083270, -757190472,
    -46068942, 455151933, 229560369, 1338963712, 466963446, 420168877, -131977865, 1475936271,
    613147702, 650131208, 621212656, -30465060, 318705478, 254615597, 633121323, 1138294979,
    988299249, 49756594, 65113, 1041043247, 665311554, 867448057, -398903587, 18871,
    -905839862, 754011911, 1639910142, 1305865102, -471989801, 17094, -435679706, 16654358,
    686095390, 1424873888, 262486476, 21178, -351355065, 471152148, 717149713, 267499436,
    1203707340, 1009722289, -416291487, 940777245, 58850002, 804569822, -171910899, 744106963,
    -415572685, 790181929, 722537964, 1424414450, 147069689, -668845390, -147139543, 371852086,
    62057177, 1221721812, -1095177802, 618913, -383976640, 1190399517, -52120545, 1022146309,
    -219294004, 254678972, -988926669, 824696606, 97558298, 788645354, -255040788, 755583158,
    -1471083206, 655773267, 613601279, 41138, 837632982, -247655951, -966394434, 261951668,
    -248201213, 791148277, 404098741, 34676996, -1068833089, 283972860, -735526910, 1091373867,
    752296645, 388901391, -880808971, 55440, -213396249, 522701570, 1291258869, -416340489,
    -766716956, 870259431, -248772577, 352787463, 1340681464, -536803819, -366220065, 235210224,
    405997337, 570891271, 971786172, 19801051, -431622965, 415885783, 691200982, 723970598,
    719862243, 320859620, -551486259, -204220704, 1159390499, 601885435, 1023087589, -183500275,
    -501221166, -171054319, 368245279, 117311727, 923799215, 506204633, 156431316, 1037022409,
    1089525721, 737412060, -838132464, -1329203441, 569769002, -18745839, -100005833, -737444632,
    -636811527, -1025847560, 734664675, 198764346, 1221000239, 24736, -683733001, -1848372493,
    -18267125, -556850598, 869133674, -1125819698, -736106760, -841427415, -186434785, 649276946,
    267786784, 534655960, 1075458572, -17500367, 113653954, 31527702, 538117158, -824373502,
    -15465184, 57878, 287577381, -237300203, 667543915, -269206795, -781773611, -239683004,
    17305359, 716497114, 1172644696, 12135157, 17435122, 202166308, 1360413140, 115281750,
    213847632, -807576622, 103548713, -1127222259, -369138198, -172567054, 113895551, 17211,
    348907604, 699644680, 32265, 121168200, -147711257, -1531384610, -119277985, 281127704,
    885925386, 51642662, 184613611, -572971777, -3472299, -893867009, 1742684413, -417729172,
    1157560327, -356199207, -502923736, 766426605, 1609001193, -198451933, -300605751, 52182,
    -84334770, 43509261, 1390033974, 118933800, -65462519, -1245646102, -220322467, -104487636,
    1526092577, 287507496, 433262856, -1126508805, -587597776, 465553658, 1426096085, -417340374,
    659423485, -910438464, -152691882, -526261218, 1693326822, -302518009, 36299027, -1194726158,
    -70449570, 13023246, 1538992593, -264440530, -216666893, -287578094, -785513272, -31284118,
    -49651474, 20910, -10885617, 1843393336, -1003692632, -101272009, -49268992, -489206520,
    -213916672, 1056904756, -327163186, -152067810, -114863584, -606391850, -379869691, 1242637121,
    -149087982, -252319413, 200872423, -705685611, 460390652, 1057432796, -180618505, -572533781,
    268762893, -1026618195, 539107093, 487320823, -62256444, 118079517, -68085452, -641265709,
    154013642, 1177809645, 20252373, -1123109344, 853537048, -756075082, -9136620, 789260060,
    673720532, -1292653296, -118949108, 12938, 525140975, 923205380, -346561865, -472667900,
    -99950812, -842189897, 960284918, 991228157, 1610360578, -405874453, 284687092, -420346909,
    -86624299, -955519550, 1123296781, -1008936248, 471063033, 504424708, 868231674, -571992104,
    32603, -693049598, 337710338, 134460956, 1622553877, -971048281, 804137511, 45218582,
    321583101, 1274475054, -455725350, -754844762, 519315751, -521154059, -401392914, 1041684545,
    -101375259, -471519022, 751712328, -742793740, 740492244, 808627213, 1019677235, -235401284,
    1289372179, -223292200, 653344206, 1494535482, -49404420, -991319886, -36157636, -105257968,
    1160402918, 922747948, -401458647, -907741734, 20820, -341646859, 955853524, 856287274,
    468255811, -789002733, 52823, -1291905060, 366201122, -336198660, -171097849, -1145420755,
    42082, -1476327426, -234814443, 419506178, -770432713, -290250990, 549897302, -739369468,
    315228196, -99428031, -1006945513, -289112308, -71573442, 536213262, 48887564, -384963080,
    -1091440935, -386312375, -320486100, -485824243, -605541100, 67036911, -1025830378, -438227219,
    417976106, -202884837, 118111002, -146877932, -1693972217, -956928692, 354400599, 517025084,
    -904134880, -520889600, -269287678, -507820510, -620313762, -440919252, -1104082679, -857138187,
    -418970589, -53516700, 165932629, -237756938, -1123543269, -1074524668, -1825896186, -542151915,
    468278271, -633282558, -1104797192, 132386299, 824303894, 1389554180, 234696171, 421146829,
    -317313776, 100619522, 118213430, 570295273, 370697403, 875040479, -417577705, -752931888,
    891795428, 54913, 638456536, 677777362, -621529105, -756933354, 793948695, 1275789792,
    -100783904, 419701749, -248897775, -470990056, 888790286, 1192157722, 283582946, 1307720392,
    -703718940, -4113946, 473548041, 1613999377, 1106119891, 53610709, 523773220, 752823288,
    321624582, 501071833, -18996464, 257296816, -922144248, -490012163, 958115614, 1495263763,
    686306557, 608382711, -262791417, 704461260, 686920183, 1878318016, -1429486802, 134223175,
    -977062143, 10184, -616488665, 485750272, -118502363, 69330139, -791991073, -1304285703,
    -956231116, 482940157, -407443885, 232716336, -791207894, -851099120, -282905094, -270729703,
    -607534280, 303645924, -942524910, -1237902663, -130609632, 419875100, 130337068, 452794853,
    -321326286, -1056296518, -415810235, 585957152, -858858131, 553914148, -539432649, 30180,
    237242645, 3133158, -523187455, -453971182, -974503906, -281122868, 433384757, 85388019,
    -375411157, -467270701, 133234982, -666625571, -521527266, 789444337, 60941602, -319939328,
    -979043563, -478979820, 203895846, 87213577, -1239293738, -267575522, -975371217, 32759,
    -83164629, -216722763, -1170871583, -699996638, -20378414, -1021442561, 133431852, 1090387512,
    -1136926757, -201064996, -572510136, 31759, -135055563, -967971049, -1692738567, -17224734,
    -372496874, -719630611, 338768940, -266591794, -1055390949, 217109473, -521067766, -907993899,
    568935216, 271064838, -333784621, -148571418, -775605461, -1409140497, -236704007, 120062733,
    -1021905434, 232856884, -912050653, -1372380944, 368193084, 472581344, -67044122, -166127380,
    -422639091, -935444988, 636158240, 790816464, -907347770, -285933568, -1277351099, -1440389383,
    31271730, 994499311, -271260480, 9011, 81452561, 1675026767, 1224617973, -841242670,
    -83031543, 871178503, 639759365, 956349498, 184693454, -85989378, 352327919, 1796470778,
    706527487, 1460193048, 1189283806, 48568, -334290701, 201924093, -48563930, 1159329343,
    -318954327, -1042944051, -586677027, 1205549871, 82378774, 1545782598, -1506538029, -640417579,
    251736548, 1024063998, 184097270, 787337732, 16065509, -657388305, -421584443, 1326249151,
    571817203, 2013581082, 280902414, 40134, -672395031, 1512506111, 1257450207, 989786688,
    -118354488, -1028454971, 66005739, 1179705586, 66714077, 1628423448, 584121809, -406448188
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t digits_layer6_pairs[189] DIGITS_FLASH = {
    0, -45, 103, 11, -104, 28, 8, 101, 35, 27, -127, 58, -1, 0, -33, -66, 12, 88, 76, -1, 12, 99, -46, 35, 107, -83,
    2, 62, -78, 0, -86, -70,
    0, 112, 20, -1, 46, -65, 27, -1, 2, -68, 127, 5, -111, 120, 5, -75, 95, 17, -81, 107, -1, 1, -98, -62, 0, 51,
    45, 24, 117, -19, 22, 72,
    -38, -1, 1, -19, -64, -1, 38, -51, -124, 5, -59, -104, -1, 33, -92, -101, -1, 38, -34, -71, 14, 20, -116, -1,
    13, 119, 122, 2, 111, -53, 2, 127,
    75, -1, 41, -70, 62, -1, 50, 127, -72, -1, 1, 106, 55, 5, 96, 60, 5, 119, 109, 39, -53, 106, -1, 15, -100, 19,
    -1, 11, -68, -25, 19, -94,
    -120, 21, -93, -75, -1, 2, -27, 103, 20, -84, -84, -1, 3, 19, -81, 41, -82, -49, -1, 12, -85, 44, 35, -64, 28,
    -1, 0, -46, -76, 5, -67, -63,
    -1, 17, -84, 65, -1, 3, 127, -45, 29, 53, -64, -1, 3, 76, -49, 11, 86, -57, -1, 1, 52, 127, 15, -76, -44, 23,
    -73, -33, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t digits_layer6_scale[72] DIGITS_FLASH = {
    16430281, 1239876026, 1065386460, -50614727, 1336948634, 989888062, 164000618, 1031953930, 637550614,
    -472489975, 1267082929, 1040213777,
    94561577, 1432187007, 922779447, -64144711, 1161728984, 1132495407, 383620569, 1147661790, 1149272275,
    304669353, 1114182892, 1182827310,
    683055433, 1174376403, 1124106328, -211699047, 1219365570, 1082163269, 379371529, 1199029449, 1098932977,
    -75276487, 1263237554, 1048608950,
    795314329, 1182522576, 1115717536, 571743241, 1099650546, 1199603753, 423133193, 1513092458, 872451221,
    344339273, 1153858523, 1140882516,
    149641305, 1215004355, 1090552409, 395399177, 1175359954, 1124106270, 224154185, 1378823310, 956334332,
    85939929, 1241912761, 1065386140,
    1060409353, 1175736530, 1124105563, 410264586, 1034370569, 637550649, 518649914, 1052047365, 629162120,
    294155241, 1312704162, 1006666230
};

DIGITS_NOINLINE void digits_layer6(const int8_t *input, int8_t *output, int8_t *scratch)
{
    digits_conv_2d_lanes(
        input, output, (uint32_t *)(void *)scratch,
        /* input */ 4, 4, 24,
        /* output: width, pixels, channels */ 4, 16, 24,
        /* filter */ 3, 3, /* stride */ 1, 1, /* dilation */ 1, 1,
        /* padding */ 1, 1, -128,
        DIGITS_TABLE(digits_layer6_weights), /* words */ 54, DIGITS_TABLE(digits_layer6_pairs),
        DIGITS_TABLE(digits_layer6_scale), /* step, shift */ 3, 12,
        DIGITS_TABLE(digits_layer6_scale), /* row, form */ 3, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 7: ADD `functional_1_1/functional_1/re_lu_4_1/Relu` (operator 7)
 * int8 [1,4,4,24], int8 [1,4,4,24] -> int8 [1,4,4,24]
 * kernel add_affine: about 11599 cycles on cortex-m0, 0 bytes of constants
 * fewest cycles, and nothing is smaller; instead of add (79861 cycles)
 */
DIGITS_NOINLINE void digits_layer7(const int8_t *input1, const int8_t *input2, int8_t *output)
{
    digits_add_affine(
        input1, /* step */ 1, input2, /* step */ 1, output, /* count */ 384,
        /* multipliers */ 5876604, 4231090,
        /* offset */ -118476642, /* shift */ 22,
        /* clamp */ -128, 127);
}

/* Layer 8: MEAN `functional_1_1/functional_1/global_average_pooling2d_1/Mean` (operator 8)
 * int8 [1,4,4,24] -> int8 [1,24]
 * kernel mean: about 5887 cycles on cortex-m0, 0 bytes of constants
 */
DIGITS_NOINLINE void digits_layer8(const int8_t *input, int8_t *output)
{
    for (int32_t i0 = 0; i0 < 24; i0++) {
        int32_t sum = 2048;
        for (int32_t r0 = 0; r0 < 16; r0++) {
            sum += input[i0 + r0 * 24];
        }
        output[i0] = digits_requantize(
            sum, 1128765090, -2, /* zero point */ -128, /* clamp */ -128, 127);
    }
}

/* Layer 9: FULLY_CONNECTED `functional_1_1/functional_1/dense_1/MatMul` (operator 9)
 * int8 [1,24] -> int8 [1,10], 240 multiply-accumulates
 * kernel matrix_product: about 3346 cycles on cortex-m0, 360 bytes of constants
 * 849 cycles slower than dense_packed, but saves 565 bytes of flash and 4 bytes of scratch (--optimize balanced); instead of dense_packed (2497 cycles), dense_sparse (4106 cycles), dense_squares (8685 cycles), dense_huffman (17146 cycles)
 */
/* Weights [10,24]. */
static const int8_t digits_layer9_weights[240] DIGITS_FLASH = {
    62, 113, -76, -108, -99, -5, -13, -82, 127, 7, -24, -48, -100, -83, 32, -114, 88, -80, 50, 114, 2, 53, -80, -58,
    -49, -48, 47, -64, 19, -127, 119, 69, 27, -93, -23, -118, 93, 88, -60, 56, -106, -34, -61, 84, 55, 85, 105, -41,
    78, -91, -70, -1, -47, 111, 8, -127, -21, -78, -72, 3, 109, 127, 93, -1, -52, -64, 63, -106, 76, -63, -52, 69,
    -60, -92, 18, -116, -125, 25, 34, 88, -120, 127, -95, 52, 72, -49, 72, 113, -110, -38, 46, 97, -120, -107, -49,
    44,
    -113, -127, 7, 107, 111, -115, -84, 57, -85, 57, 16, -117, -58, -46, -47, -17, 82, 117, -117, -43, 60, 85, 80,
    -50,
    -111, 120, -79, -23, 60, -41, -105, 91, -116, 80, 127, -41, -53, 82, 109, -79, -46, -52, -78, -96, 28, -34, -92,
    127,
    -38, -58, 11, 6, -57, -5, -78, -38, 127, -66, 94, 15, -63, -49, 107, 43, -63, 96, -45, -104, 68, -86, 4, -46,
    127, -33, 103, 84, -122, -19, 62, -36, -15, 103, 78, -125, -112, -34, 3, -43, -61, -47, 58, -103, -120, 39, 66,
    8,
    -47, 52, 104, 85, 25, 97, -52, -95, -13, 14, -49, 121, 37, -40, -50, 38, -66, 7, -127, 97, -84, -19, 24, -35,
    33, -58, -18, 17, 118, 10, -127, 34, -91, 48, -56, -58, 10, -10, -24, 57, 95, -71, 92, -19, -59, -61, -23, 87
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t digits_layer9_scale[30] DIGITS_FLASH = {
    202262105, 1375659663, 1484816291, 382995673, 1365881745, 1493204852, 307937513, 1395134857, 1459650742,
    229671657, 1341098905, 1518370453,
    231843225, 1425000577, 1434484765, 291977353, 1262140082, 1619034119, 232551993, 1469656437, 1392541634,
    274318377, 1470125685, 1392542165,
    400567657, 1312830370, 1551925367, 286106297, 1572376413, 1300267198
};

DIGITS_NOINLINE void digits_layer9(const int8_t *input, int8_t *output)
{
    digits_matrix_product(
        input, output,
        /* rows */ 1, /* depth */ 24, /* units */ 10,
        DIGITS_TABLE(digits_layer9_weights), DIGITS_TABLE(digits_layer9_scale), /* step, shift */ 3, 12,
        DIGITS_TABLE(digits_layer9_scale), /* row, form */ 3, 1,
        /* clamp */ -128, /* span */ 255);
}

/* Layer 10: SOFTMAX `StatefulPartitionedCall_1:0` (operator 10)
 * int8 [1,10] -> int8 [1,10]
 * kernel softmax: about 2209 cycles on cortex-m0, 996 bytes of constants
 */
/* exp(-distance from the maximum * scale * beta) with 31 fraction bits. */
static const int32_t digits_layer10_exponentials[249] DIGITS_FLASH = {
    2147483647, 1916223312, 1709867345, 1525733304, 1361428674, 1214817758, 1083995276, 967260897,
    863097571, 770151410, 687214637, 613209066, 547173313, 488248834, 435669758, 388752939,
    346888515, 309532446, 276199204, 246455596, 219915028, 196232615, 175100493, 156244125,
    139418374, 124404533, 111007540, 99053246, 88386303, 78868070, 70374848, 62796249,
    56033788, 49999558, 44615163, 39810608, 35523438, 31697957, 28284434, 25238513,
    22520602, 20095382, 17931330, 16000324, 14277263, 12739761, 11367831, 10143639,
    9051281, 8076557, 7206801, 6430708, 5738192, 5120251, 4568857, 4076841,
    3637810, 3246059, 2896494, 2584573, 2306243, 2057886, 1836274, 1638528,
    1462076, 1304627, 1164133, 1038769, 926905, 827087, 738019, 658543,
    587625, 524344, 467878, 417493, 372534, 332416, 296618, 264676,
    236173, 210740, 188046, 167795, 149725, 133602, 119214, 106376,
    94921, 84699, 75578, 67439, 60176, 53696, 47914, 42754,
    38150, 34041, 30375, 27104, 24186, 21581, 19257, 17183,
    15333, 13682, 12208, 10894, 9720, 8674, 7740, 6906,
    6162, 5499, 4907, 4378, 3907, 3486, 3111, 2776,
    2477, 2210, 1972, 1760, 1570, 1401, 1250, 1116,
    995, 888, 793, 707, 631, 563, 502, 448,
    400, 357, 319, 284, 254, 227, 202, 180,
    161, 144, 128, 114, 102, 91, 81, 73,
    65, 58, 52, 46, 41, 37, 33, 29,
    26, 23, 21, 18, 16, 15, 13, 12,
    10, 9, 8, 7, 7, 6, 5, 5,
    4, 4, 3, 3, 3, 2, 2, 2,
    2, 2, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0
};

DIGITS_NOINLINE void digits_layer10(const int8_t *input, int8_t *output)
{
    digits_softmax(
        input, output,
        /* rows */ 1, /* classes */ 10,
        DIGITS_TABLE(digits_layer10_exponentials), /* entries */ 249);
}

static int32_t digits_arena[(DIGITS_ARENA_BYTES + 3) / 4];

void digits_run(const int8_t *input, int8_t *output)
{
    int8_t *const memory = (int8_t *)digits_arena;
    digits_layer0(input, memory + 6336, memory + 0);
    digits_layer1(memory + 6336, memory + 7360, memory + 0);
    digits_layer2(memory + 7360, memory + 7360, memory + 0);
    digits_layer3(memory + 7360, memory + 6336, memory + 1408);
    digits_layer4(memory + 1408, memory + 2432, memory + 0);
    digits_layer5(memory + 1408, memory + 2816, memory + 0);
    digits_layer6(memory + 2816, memory + 1984, memory + 0);
    digits_layer7(memory + 1984, memory + 2432, memory);
    digits_layer8(memory, memory + 384);
    digits_layer9(memory + 384, memory);
    digits_layer10(memory, output);
}
