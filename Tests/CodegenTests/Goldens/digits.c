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
 * kernel conv_2d_lanes: about 139610 cycles on cortex-m0, 378 bytes of constants, 352 of working memory
 * fewest cycles; instead of conv_2d_sparse (153859 cycles), conv_2d_winograd (154118 cycles), conv_2d_coded (303561 cycles), conv_2d_rows (380843 cycles), conv_2d_huffman (472932 cycles), conv_2d_taps (521029 cycles)
 */
/* Weights [16,3,3,1], four to a word, 3 words for each output channel. */
static const int32_t digits_layer0_weights[48] DIGITS_FLASH = {
    62098, 887786722, 59, 895, 35747, 14, 26468, 817443363,
    11, 733339302, 33236, 46, 318620289, -472231656, 238, -1053961269,
    9087, 143, -260103356, -459024651, 131, 27777, 32475938, 6,
    -535731660, 494999856, 10, 988991481, 33026, 38, 26174, -1190772730,
    239, 48103, 12673, 1, 131972381, 2132017567, 1, 384093903,
    22846, 127, 34057, 702077124, 152, 1813978794, 3410, 245
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t digits_layer0_pairs[58] DIGITS_FLASH = {
    0, 46, 127, -1, 0, -49, 90, 0, -6, 97, -1, 0, -127, -31, -1, 1, 36, 116, -1, -1, 1, 60, 60, -1, -1, 0, 45, 50,
    -1, -1, 1, -110,
    -71, -1, 0, -29, -127, -1, 0, 90, -74, 0, 34, -53, -1, -1, 1, 24, 121, -1, 0, -127, -98, -1, 1, -69, -127, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit. */
static const int32_t digits_layer0_scale[32] DIGITS_FLASH = {
    -5480249, -1469556092, 10364590, -1334354944, 11118046, -809957888, -36529458, -1188712192,
    -45930562, -32550144, 4115208, -197293556, -19702098, -613505024, -22975081, -1983519540,
    21187086, -859127296, -76713250, -493297920, -6425577, -2010251050, -40303762, -1127563520,
    -2707497, -1926958470, 87742430, -2037558272, -138168834, -2027339520, -10137192, -52851197
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
 * fewest cycles; instead of conv_2d_lanes (683261 cycles), conv_2d_sparse (831669 cycles), conv_2d_coded (1615825 cycles), conv_2d_rows (1864879 cycles), conv_2d_huffman (2138590 cycles), conv_2d_taps (2149280 cycles)
 */
/* Weights [16,3,3,16] by channel, 9 taps each, in pairs. */
static const int8_t digits_layer1_weights[2304] DIGITS_FLASH = {
    54, 25, -127, 52, 6, -89, -4, -28, 4, 19, 18, 30, -77, -68, 11, -50, 13, 81,
    58, 75, 25, -1, -9, -3, 55, 44, 31, 34, -28, -68, 52, 36, -86, 48, 22, 82,
    33, 30, -39, -35, 41, 59, -89, 27, 2, -69, -43, 73, -33, -3, 23, -46, 42, -1,
    -24, -34, 7, 56, 44, -6, 26, 87, 46, -84, 21, 25, -84, -37, -16, 14, 19, -4,
    -44, 48, -26, -30, 33, -12, 24, 53, -47, -19, 21, -51, -17, -1, -42, -27, 33, 45,
    46, -34, -13, 61, -6, 40, 1, 29, -12, -40, 14, 21, -15, 51, -12, 20, 47, -63,
    25, 70, 18, -10, -80, -44, -26, 24, 21, 0, 19, 34, -13, 2, -118, 0, -22, -28,
    50, 39, -11, -67, 1, 38, 18, -22, -27, -24, -8, 53, 38, -7, 75, -96, -68, -51,
    -35, 10, -8, -59, 5, -32, -100, -20, 70, 91, -78, -59, 82, 18, 73, 17, 15, 38,
    -53, -14, 81, 39, -20, 35, 55, -28, 8, 25, -61, -62, -5, 27, 40, 59, -79, 13,
    27, 68, -53, -29, 117, -69, 37, -43, 23, -3, -76, -20, -62, -40, 14, -67, -116, 31,
    -29, 44, -66, -7, -39, -82, -11, 47, -42, -55, -96, -28, -16, -41, -9, -88, -89, 54,
    5, -66, 32, 56, -79, 22, 41, -17, 92, 27, -117, -52, -6, -51, -65, -11, -7, -25,
    -44, 71, 35, -16, 22, 49, 9, -42, 68, -58, 90, -4, -11, 65, -2, -97, 42, -14,
    -24, -11, -10, 21, 10, 66, 53, 9, 49, 45, 27, 10, -49, -28, 22, -53, -22, -48,
    53, -70, -127, -1, -82, -95, -63, -21, -62, -30, -19, -16, -86, -19, -60, 44, -43, -64,
    27, -8, 58, -13, -67, 5, 33, -37, 36, 5, 58, 33, -68, -41, 76, -38, 10, 126,
    62, -25, 10, 16, -5, 48, 13, -41, -6, -56, -15, -29, -102, -9, 32, -41, -41, -4,
    4, -66, -30, -12, -38, -30, -51, -32, -16, -50, -61, 29, -21, -41, 25, -48, -64, -1,
    -6, -127, -119, -75, -111, -80, -52, -14, -78, -26, -52, -80, -38, -92, 28, 63, 71, 46,
    77, 20, 52, 2, -26, 30, 52, 15, 48, 56, 42, 22, -61, -30, -3, 15, -76, 47,
    30, 76, 25, 65, 46, -4, -18, 9, 6, 40, 20, 74, -9, 31, -27, -54, 16, 90,
    -81, 26, -51, -33, -3, -99, 15, -43, 56, 59, 42, -64, 60, -36, -119, -29, -62, -28,
    -21, 34, 17, -14, 30, 11, -70, -91, -56, 24, 25, -80, 35, 13, -89, 65, 53, -88,
    39, 18, -45, 5, 29, -74, 127, 101, 23, -54, -82, -12, -121, 3, 27, -104, 4, 7,
    35, -45, -49, 54, 81, 18, -82, -56, 17, 0, 1, 19, 43, 52, 23, 81, 61, -20,
    83, 24, -13, -73, -113, -59, 52, 79, 69, -31, -29, 58, -87, -29, -58, 48, 59, 68,
    -16, 76, 28, -30, -3, -34, 16, -47, -32, -109, -17, -66, -86, 11, -4, -38, -35, 52,
    42, 74, 11, 39, -7, 10, 57, -69, -9, -11, 23, -101, 10, -38, -32, 3, -3, 103,
    66, 42, 0, 104, -33, -21, 9, -36, -97, -79, 7, -107, 29, -8, -59, 9, -5, 34,
    -72, 46, -8, 11, 63, 54, 39, 41, -64, 4, 49, -24, -72, -88, -58, 30, -7, 42,
    22, -38, -110, 1, -29, 32, 93, 102, 23, 50, 114, 97, 33, -61, -16, -70, -25, -2,
    -31, -30, 8, -54, 25, 100, -127, -35, 96, 24, 61, -30, 52, 60, 25, -10, 64, -14,
    45, 24, -67, 2, 5, -59, -12, -81, -113, 72, 63, -9, -94, 25, -60, -81, 74, 68,
    -8, 93, -3, -14, -1, 33, 70, 80, 36, 38, -15, -60, 74, -80, 28, 72, 78, 28,
    -77, -25, 48, -25, 44, 47, -44, 30, 95, -21, -3, -54, 14, -13, 19, 15, 31, 67,
    3, -30, -42, 44, -70, 22, -58, -2, 43, -8, -77, -45, 111, 26, 18, 72, 49, 18,
    -14, 61, 9, -2, -26, -69, -44, -55, 16, -41, 6, -50, 33, -52, -52, -22, -20, -75,
    -32, -4, -58, -34, -44, 11, -84, 39, 29, 93, -46, -32, -57, -5, -63, -3, -52, 67,
    -6, -2, -52, -91, -58, 43, -29, 60, 81, 51, 41, -22, 1, -38, -88, -50, -5, 38,
    -23, 24, -13, -42, 34, 10, 28, 51, -25, -52, -8, 60, -34, -2, 78, 77, 35, -50,
    -81, -51, -1, -38, 2, 29, -31, -3, -10, 5, -11, 2, 19, -15, -38, -42, 20, -5,
    24, 0, -5, 0, 38, 55, 19, 28, -33, 51, 30, 25, -14, 5, 25, -36, -83, -61,
    -49, -36, 15, 18, 13, -14, -34, -100, -127, 15, -24, 11, 39, 63, 34, -6, -16, 38,
    -38, -46, -50, -34, -2, -60, -16, -61, -62, 40, 30, 6, -74, 4, 37, -8, -74, -15,
    21, -41, -88, -22, -44, -30, 11, 38, -10, -45, -36, 5, 17, -36, -48, -47, -37, -49,
    31, 51, -4, 6, 5, 25, 4, 14, 13, 19, -24, 16, 6, -4, 14, 2, 36, 26,
    8, 44, 55, -6, -57, 0, -7, 4, -27, 19, 39, 10, -16, 0, 17, -1, -17, -12,
    -70, 71, 43, 9, 96, -41, 24, 28, -46, 28, -29, -75, -13, -62, -65, -64, -52, -127,
    11, -73, -56, 67, 84, 13, -52, -4, -121, -22, 22, -54, -4, 40, -42, -5, 13, -12,
    66, 59, -33, -26, -2, -73, -7, 47, -63, -22, 62, 71, -110, -84, 29, -8, -76, -70,
    -40, 44, 48, 51, 68, -91, 85, 81, 54, 47, -71, -45, -29, 61, -48, -36, 22, -23,
    -38, -43, -121, -21, -14, -46, 27, 99, 28, -13, -70, -80, 2, -58, -102, 101, -5, -53,
    -32, -97, -50, 118, -54, -44, 72, 35, -46, 49, -79, 11, 1, 25, -50, 19, -10, -43,
    15, -13, 73, 102, 63, -34, 5, 74, 66, 8, -51, 12, 21, 7, -3, 27, 40, -95,
    65, 73, -78, -14, 60, 5, 106, 74, -33, -11, -97, -13, 15, 6, -14, 8, 44, 66,
    24, -18, -54, -1, -6, 14, 19, 51, 59, -90, -52, 35, -17, 97, -34, 102, -21, -127,
    -65, -44, 3, 7, 14, -15, -4, 17, 32, -92, -9, 28, -68, 56, 37, -1, 35, 24,
    9, 7, -82, -6, -69, -86, 74, -18, -40, 29, 79, 11, 34, -6, -34, 28, 49, -12,
    -8, 74, 65, -30, 5, -17, -8, -92, 12, -17, 70, 2, -38, 15, 86, 32, -1, 16,
    -42, -32, -39, -77, -40, -89, 27, -23, 89, -3, 6, 32, -70, -11, 11, -61, 18, -88,
    32, -110, -57, 17, -58, -48, -116, 17, -24, 39, 11, -20, -17, -9, -109, 63, -56, -47,
    -77, -12, 11, -22, -8, -7, 77, 7, 55, 17, 33, -27, -11, 8, -34, 39, -19, -41,
    59, -11, 89, -11, -60, 90, 32, -21, 61, -39, -69, 19, -58, 25, 28, 18, 5, 86,
    -40, -100, -12, -127, -88, 48, -38, 33, -68, -44, -74, 26, 84, 94, 92, 62, -9, 81,
    16, -19, -4, -12, 74, -38, 24, 9, 0, 7, -42, -35, -53, 38, 27, 56, 46, 34,
    8, 64, 52, -5, 35, 0, 90, 1, -59, 118, 49, -87, -32, -92, -87, -72, -104, -87,
    -20, -118, -28, -10, -31, -17, 29, -23, -60, -40, 41, -77, 55, -80, 21, 57, -58, -28,
    0, 34, 44, 88, 24, 19, 62, -8, -41, 21, 31, 43, 55, -9, -19, -73, -67, -26,
    -21, 12, -52, 30, 0, -13, 10, 8, -33, -53, -96, 29, 71, 21, 22, -20, 111, 69,
    -88, -109, -86, -76, 54, -51, -11, 104, 35, -24, -91, -92, -42, -3, -46, 26, 27, 123,
    -60, 80, -17, -22, -21, -39, -10, -61, -38, 116, -9, -32, -15, -57, -100, -76, 64, 25,
    -53, 13, 66, -39, -43, -100, 72, 9, 10, -94, -75, -127, 22, -32, 46, 48, 11, -17,
    -24, -66, -101, -23, 5, -28, -44, 3, 7, -22, -4, 105, 14, 26, 30, 24, 32, 76,
    -30, 15, -42, 115, -33, -48, -28, -64, 26, 22, -40, -22, 20, -11, 3, 43, -68, -24,
    -14, 6, 71, 25, 6, -11, -41, 78, 7, 12, -78, -112, 67, -69, 36, 27, 55, -37,
    -89, -29, 18, -54, 24, -96, -61, -51, -16, -58, 7, 38, -69, 52, 21, 23, -20, -85,
    20, 20, 3, -77, -97, -8, -15, -72, -41, 8, -120, -119, -12, -54, -77, 104, -87, -36,
    -71, 4, -9, 11, 24, 38, 49, -10, 44, 83, 64, -84, 38, -71, -70, 55, -73, 59,
    -104, -25, 52, 37, 61, 28, 42, 25, -62, 30, 70, -3, 45, -9, -12, -40, -30, 58,
    -11, 8, -30, 4, -60, 12, 67, -8, -9, -26, -70, -51, -4, 35, 40, 11, -45, -19,
    8, -51, 6, -65, -59, 36, -66, 54, -55, -34, -50, 34, -97, -37, 21, -23, 25, 33,
    -75, -88, -23, 20, -10, -9, -16, 0, -6, -27, 19, 12, 39, 26, 47, 82, 35, 119,
    -41, 84, 2, 78, -83, -26, -75, -8, 20, -14, -37, -11, -51, 52, 73, -3, 50, 44,
    28, 46, -12, 52, -33, -12, -38, -7, 43, -75, 36, -59, 28, -18, 5, 2, -115, -43,
    50, -20, 1, -61, -51, -61, -35, 33, -4, -35, -74, -9, 28, -35, -56, 64, -15, -2,
    -44, 49, 36, 39, -11, 55, 56, 55, 38, -52, 33, 32, 19, 42, 40, 11, 82, -24,
    -34, -127, -59, 4, 22, -23, 19, -59, -9, 3, -18, 40, 19, 8, -44, 20, -23, -46,
    23, -68, -32, -8, 49, 34, -8, -38, 58, 7, -41, -5, 16, 56, -14, -17, 12, 18,
    30, -12, -32, -45, -52, 40, 34, 13, 48, -16, -5, -94, 55, 32, 46, -50, -12, 59,
    -40, 0, 14, 24, 27, -80, 41, -17, -25, -23, 49, 14, -31, -30, -30, -2, 1, -24,
    -22, 44, 28, 65, 21, 17, -15, 6, -69, 31, 22, 9, 13, 46, 15, -50, -67, 10,
    12, 8, -49, 24, -27, -16, 19, -11, -1, 5, 47, -3, -10, 46, -25, 24, 19, -86,
    44, 42, 12, -16, 37, 10, -16, 50, 66, -24, 21, 20, 12, -20, -14, -5, -13, -17,
    -31, -57, -74, -23, 14, 0, -32, 29, 30, 12, 11, -21, -5, -13, 4, 1, -6, -11,
    29, 2, -27, 9, 30, 56, 20, -36, -60, -21, -4, 37, 23, -19, 39, 12, -17, -127,
    40, 38, -51, 81, -37, -44, -1, 75, 16, -8, -57, -35, 34, 5, 34, -18, 60, -58,
    44, 40, -11, 69, -3, -23, -1, -38, 55, 0, -82, -61, -15, -53, -16, 41, -33, 2,
    71, -14, 56, -64, -26, 56, 26, 18, 0, -29, 3, 56, -81, 25, -28, -5, -27, 38,
    -47, 26, -3, -100, -7, 62, 14, 26, -9, 1, 50, -30, -2, -34, 32, -2, 16, 68,
    65, 31, 17, 28, 59, -20, 54, 19, -41, -66, -3, 28, -51, 0, -35, 51, 41, 49,
    -13, 15, 104, 71, -39, 16, 39, -15, 0, -3, 34, 34, 7, -51, -71, 11, -70, 13,
    27, -25, -38, 22, 20, 18, 49, 37, 22, 43, 24, 75, 79, 39, 15, 1, 65, 80,
    -64, 5, -6, -127, -65, -94, -107, -9, -54, -2, 26, 59, 29, -64, 8, 76, 65, 25,
    50, -76, -15, 20, 16, -127, -82, -31, -38, -20, 19, 2, 87, -24, 7, 42, 49, -10,
    37, 56, 20, 52, 50, -98, 28, -26, -45, 13, -37, -105, -20, -64, -126, -73, -38, -56,
    -72, 16, -56, -36, -1, -34, 22, 34, -70, -22, -20, -37, 4, 21, 80, -19, -22, 7,
    -27, -64, -1, -116, -7, -96, -71, -33, -16, 34, -28, -56, 17, -37, 19, 31, 47, 57,
    44, 52, -26, 77, 36, -70, 23, -5, -59, 32, 5, -30, -29, -16, 2, -93, -23, 15,
    -23, -113, -13, -39, -6, -40, 21, 30, -98, -18, 2, 112, -24, 0, 64, -8, 19, 34,
    19, 21, -3, -21, 36, -48, 20, 24, 21, 50, 4, -41, -57, 25, 0, -16, -56, 62,
    -44, 54, 54, 16, 48, -46, -51, -2, -26, 47, -19, -77, -54, -23, 42, 10, -63, 7,
    -46, -90, -52, 2, -97, -4, 20, 18, 6, 35, 48, -32, 72, 69, -31, 48, -62, 9,
    34, 55, -5, 16, -41, -35, 35, -20, 53, -46, -69, -80, -9, -67, -39, 14, 7, -25,
    -90, -65, 24, -72, 1, -66, -57, 20, 6, -12, -10, -24, -73, 42, 9, -78, -109, 74,
    -66, 1, 46, -49, 87, 56, 36, -36, -15, -51, 64, 15, 5, -86, 96, 47, 22, -38,
    -16, -79, -60, 26, -6, 41, -8, 11, 53, -86, -11, -50, -42, 61, 2, -59, 66, -60,
    -32, -127, 0, -82, -40, -76, -13, 13, 33, 3, 41, 87, 60, 45, -36, -41, -39, -16,
    36, 4, -83, 34, -89, 41, 14, 65, -12, -73, -44, -67, 17, 49, -35, 15, 54, 48,
    -42, 18, 0, -72, 68, 16, -33, 22, 7, -46, -89, -14, -4, -15, 26, -16, 80, -43,
    -35, -124, 15, -106, -20, -52, -44, 21, 22, 31, 44, -13, 20, -22, -1, 42, 13, 21,
    70, 76, 15, -40, -44, 14, 10, 52, 48, -82, -58, -79, -72, 13, -7, -43, -10, 3,
    -23, -45, 51, -7, -26, 35, 78, 84, 28, -86, -14, 54, 12, 20, -23, -32, -20, -27,
    21, -21, -12, -58, -19, -7, -64, 19, 29, 46, -66, 47, -23, -96, -12, -27, 22, -22,
    60, -45, 20, -15, 24, -34, -68, 8, -18, -29, -20, -54, 107, 59, -29, -42, -57, 13,
    -55, 3, -19, -7, -95, 52, -69, 18, -22, -61, 48, 35, 58, -8, 89, -22, -31, 31,
    -109, -76, -75, -72, -12, -25, 17, 11, 127, -18, -23, 86, -8, 74, -25, 20, 19, 46,
    66, 40, -38, 108, 65, 107, -8, 65, 6, 56, -79, -53, -47, -91, -30, 4, -20, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit. */
static const int32_t digits_layer1_scale[32] DIGITS_FLASH = {
    41614440, -1431967617, -677329720, -1979000615, -511374600, -1637565027, -3732888, -1922745138,
    -77369048, -1465667964, -339438040, -977945269, -289163240, -1814498118, -252751992, -1211359132,
    -413793112, -2026501405, -578184888, -1722953046, -259580039, 2078816776, -3256024, -592656856,
    319636745, 2015400208, -628368360, -1839312962, -582198776, -2010836768, -269016887, 1788062515
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
 * fewest cycles; instead of conv_2d_lanes (682724 cycles), conv_2d_sparse (832772 cycles), conv_2d_coded (1632374 cycles), conv_2d_rows (1864879 cycles), conv_2d_taps (2149280 cycles), conv_2d_huffman (2155856 cycles)
 */
/* Weights [16,3,3,16] by channel, 9 taps each, in pairs. */
static const int8_t digits_layer2_weights[2304] DIGITS_FLASH = {
    -5, -9, 14, -63, -3, -49, -3, -6, -31, -20, -45, 1, 58, 16, 1, 21, 21, -20,
    -70, -10, 50, 42, 63, 28, 8, 14, 1, 0, 9, -62, 9, -2, -42, 5, 41, 54,
    17, 14, 42, 26, 18, -44, 9, 38, -5, 74, 12, 6, 73, -52, 52, 47, 14, 44,
    45, 37, -32, 2, -33, -44, 27, 22, -19, 15, -51, -41, -33, -18, -59, 22, -9, -6,
    4, -48, -110, -62, -127, -65, -74, -35, -8, -72, -30, -16, 37, -11, -18, -71, -14, -85,
    26, -73, -39, -70, 26, 29, -75, -20, 36, 49, 86, 8, 41, 7, 71, 13, 12, 3,
    -33, -27, -21, 29, 19, -23, 73, 20, -22, -58, -26, 35, 90, -12, 40, 25, -27, -43,
    -17, -25, 51, -26, 17, -9, -33, -20, 44, -65, 36, 52, 31, -29, -17, -60, -24, 6,
    6, 51, -36, 23, -49, 72, 44, -22, 18, 56, -21, 77, 74, 0, 28, -18, 51, 13,
    -120, -78, -74, 11, 18, 23, -73, -32, 7, -113, -90, -37, -50, -95, -9, -4, 11, 31,
    -56, -25, 41, -47, 38, -32, 10, -25, -11, 119, 85, 42, 7, 74, 34, 51, 32, -41,
    -55, 83, 72, -48, 43, -42, 43, 31, -25, 39, 47, -27, -10, 33, 81, 26, 56, 52,
    74, 33, 20, 23, -73, -67, -5, -53, 2, 95, 105, 9, 61, -39, 92, 47, 6, 88,
    -56, -87, -14, -55, -26, 18, -12, -65, 16, -37, -71, 51, -25, -11, 52, 62, 25, 12,
    18, 43, -20, 20, 26, -8, 24, 72, -6, -86, -47, -46, -8, -38, -85, 92, -38, -49,
    17, -37, -63, -35, -94, -127, -44, 22, -108, 27, 67, -44, -9, 44, 30, 0, 41, -32,
    -27, -31, 19, 10, 52, -1, 5, 20, 42, 50, -32, 62, 14, 9, -58, 64, -57, -12,
    -1, 46, 118, 1, 68, -8, 18, 10, -88, -114, -46, 7, -55, -17, -37, 8, -43, 14,
    -93, -50, -97, -54, -38, -85, 1, -35, -45, 95, 61, 18, 53, -17, -2, 16, 0, 36,
    63, -2, 47, 23, -59, 1, 45, 43, 35, 40, -57, 24, 16, 55, 52, 21, 79, 83,
    -96, -87, -47, -78, -28, -43, -57, -59, -27, -39, 49, 25, 49, -3, -60, 34, -36, -70,
    40, 16, 48, -77, 1, 63, 15, -11, 36, -78, -45, -112, 6, 17, -93, -2, -62, -71,
    33, 67, 34, 104, -69, 32, 4, 3, -8, -16, 32, -12, 50, 108, 6, -46, 3, -9,
    -118, -2, 41, -57, 127, -43, -24, -51, 13, -25, -45, 36, 41, 15, 5, 14, 48, 54,
    -41, -31, 56, -39, 120, 104, 56, 8, -72, -27, 6, 11, -74, -6, 23, 25, -2, 14,
    15, 45, 21, 13, 90, -1, 24, 43, -51, -26, -45, -80, -71, 14, 27, -32, 17, -48,
    18, 20, 76, -41, -37, -1, 27, 8, -13, 49, -49, -40, 52, -4, -30, 53, 27, -49,
    52, 55, -5, 79, 46, 21, 88, 127, 11, 80, 58, -27, 27, -4, 62, 57, 61, 64,
    11, 49, 28, 45, 127, 50, 43, 51, 4, 18, -29, 7, -26, -80, -81, 28, 44, 92,
    45, -66, 33, -41, -44, -76, -85, -58, 39, -108, -101, -22, 0, -93, -50, -54, 59, 3,
    -61, 43, 9, 2, -8, -40, -14, -38, 85, 2, 89, 56, 112, 21, 73, -11, -12, 49,
    59, 36, 30, 25, 21, 51, 64, 9, 79, 61, 63, 63, -31, 73, 21, 13, -25, 42,
    -70, -14, 50, 41, -41, -32, 11, 83, -24, -96, -36, -60, -113, -54, 7, -60, -57, 0,
    61, -17, 10, -90, 18, 0, -21, -104, 59, -6, 32, 66, -95, -92, -72, -36, 76, 95,
    60, 99, 73, -62, -30, -12, -10, -59, -40, -33, 33, 12, -19, 3, 96, -47, -85, -21,
    36, 92, 38, 86, 7, -21, 78, 72, 21, -14, -10, -30, 67, -23, 28, 7, -20, -10,
    -12, -14, -113, -11, -36, 56, -18, -28, -35, 36, 123, 33, -42, 26, -3, 14, -1, 8,
    26, -54, 15, -9, -12, 31, -68, -8, 58, 56, -5, 10, 53, 22, -3, 84, 26, -69,
    -24, -42, -21, 18, -9, 27, -35, 18, 100, 87, -31, -117, 40, 17, -26, -127, -59, -19,
    -21, 15, 92, 38, 34, -73, 104, 24, -107, -1, 77, -26, -75, -6, -85, 22, -59, -42,
    -40, -72, -27, 7, 36, 13, -44, 16, 20, 29, 43, -47, -66, -41, -32, 37, -18, -19,
    -39, 68, 67, -7, -7, 12, 19, 64, 66, 3, -9, -72, -11, -31, -59, -67, -9, -61,
    21, -12, 42, -30, 44, -37, -10, -7, -18, -74, -46, 85, -18, 59, 10, -52, -65, -18,
    -80, -59, 34, -50, -38, -48, -33, -127, -35, -9, -2, -41, -4, 7, -25, -80, -89, 27,
    44, 101, 0, 44, 116, 75, 3, 7, 34, -1, 47, -14, 23, -62, 22, -101, -27, -62,
    -28, 45, -17, -83, -41, 20, -84, -44, 46, 28, -24, 41, 2, -27, 20, -31, 50, -27,
    36, 18, 18, -36, 48, 11, -57, 21, 0, -6, 17, 51, 41, 23, 23, 15, 15, 4,
    -5, 19, 32, 44, 36, 28, 82, 16, 13, 72, 16, 52, 49, 10, 25, 36, 31, -78,
    -25, -57, -68, 51, -23, -15, 27, -54, -73, 77, 86, 15, 98, 41, 30, 7, -18, -21,
    -11, 81, -3, 54, 58, 84, 32, 41, -37, -28, 107, 98, 13, 83, 91, 52, 56, 93,
    30, 31, -50, -54, -52, 49, -30, 85, 82, -13, -81, -44, -41, -20, -52, 66, -25, 4,
    66, 60, 8, -53, -6, -54, 95, 29, -51, 30, 18, 52, -34, -74, 24, -70, -11, -26,
    -2, 12, -12, 37, -9, 0, 57, -55, 15, 29, 16, -29, 52, 37, 9, -25, 21, 59,
    -74, 29, -44, 34, -14, 13, -5, 14, 3, 16, 14, 25, 37, 25, 26, -51, -127, -81,
    77, -29, -30, -65, -61, -77, -41, -84, -53, 27, -51, -36, 14, 17, 72, 67, 101, 56,
    111, 53, -87, -9, 58, -40, 75, 72, -24, -21, 64, -1, -51, 34, 51, -72, -53, -10,
    6, -83, -6, -77, -52, 24, 4, 19, 42, -54, 53, -16, -96, -106, -92, 42, -77, -75,
    22, -20, 71, 51, 50, 19, 21, -39, -71, 70, -43, -14, 127, 25, 64, -49, -30, -97,
    -68, 50, -13, 13, 25, -92, 30, 26, 14, -56, -51, -80, 8, -45, -9, 94, -1, 102,
    16, 22, -57, -35, 3, 125, -23, 28, -19, -2, -10, -86, -97, -42, 67, -51, -48, 84,
    -62, -65, -85, -16, -17, -30, 77, 48, 85, -10, -10, -49, -59, -13, -21, -47, -22, 51,
    -36, -5, -57, -23, -52, 6, -32, 1, -117, 83, 103, 121, 4, 9, 12, -41, 36, 64,
    -68, -18, -73, -24, 12, 29, -49, 76, -59, -7, 27, 47, 59, 18, -41, -35, -88, -97,
    -63, 42, -19, 2, 8, 21, 3, 57, -33, -75, 31, 2, -48, 27, -51, 46, 10, -58,
    -41, -90, -104, 43, -79, -1, -52, -51, -101, -10, -2, -25, -59, 0, -5, 9, 3, -11,
    39, 29, 64, -22, 60, 8, 61, -9, 51, 40, 19, -38, 4, -22, -5, 15, -33, 11,
    0, -30, -118, 32, -3, -89, 56, 20, 8, 27, -41, -36, -26, -46, -15, -35, -6, 3,
    -22, -22, -30, 66, 40, -21, -56, -24, -43, 76, 90, 69, 72, -4, 3, -55, -49, 1,
    103, -23, 75, -19, -68, -37, -59, -6, -65, 28, 22, 79, -36, -74, -2, -127, -73, -5,
    14, -11, 0, 18, 26, 74, 26, 52, 18, 81, 47, -36, 94, 16, -32, 97, -1, 43,
    10, 16, -59, -32, -51, -26, -72, 11, -22, -26, -85, -79, -32, 16, 24, 7, 80, -4,
    -23, 10, 9, -30, -30, 18, -114, -31, -53, -14, 32, 16, 70, 30, 52, 11, 74, 27,
    25, 127, 57, 41, 70, 62, -33, -10, -15, -17, -42, -37, -27, -67, -76, -73, -12, -77,
    82, -13, -28, 42, 48, -10, 10, -33, -57, 50, 31, 40, 75, 9, 62, -14, 1, -36,
    24, -84, 31, 17, 7, -29, -7, 18, -10, -59, -35, -50, 57, -14, 90, 17, 15, 47,
    -32, 2, -38, 51, 46, -17, 36, -18, -6, -43, 21, -26, 0, -4, 6, 24, 46, 85,
    50, -19, 83, 0, 27, 38, -60, 25, -9, -8, 51, -23, 22, 33, 34, 74, 70, -3,
    26, -31, 15, 6, -17, -39, -1, -57, 30, 21, 42, -64, -69, -90, -120, -54, -98, -55,
    49, 42, 33, -38, -24, -3, -54, -19, -43, -5, -17, 25, -114, 50, -31, 21, 22, -78,
    -10, -6, -42, 10, 21, 17, 33, -33, -59, -93, -25, 39, 1, 15, 18, 59, 53, 43,
    -99, -73, -88, -53, -52, -105, -27, -53, -18, -27, -33, -25, -75, 28, 27, 54, -68, 15,
    -57, 8, -35, 40, 5, 14, -1, -71, 10, -46, 10, 32, -24, 24, 73, -7, 28, 13,
    26, 33, 43, -50, 27, 92, -63, -17, 9, -6, -12, -67, 17, 12, -91, 40, 7, 5,
    2, -77, 15, 92, -21, -42, 51, -11, 0, 37, 36, -51, 16, 54, -10, 49, 15, -81,
    6, 63, -20, -27, -56, 73, 49, 32, -69, 61, -8, -58, -10, 8, -73, -68, -19, 36,
    -29, 29, -4, -11, -27, 30, -91, -48, -68, 33, 41, 56, -35, -5, -20, 48, -127, -35,
    -60, -45, -82, 34, -2, 22, -32, 68, 34, -41, 70, 50, 45, 45, -20, 51, -12, -73,
    27, 20, -37, 78, 34, -42, -18, 21, -35, 17, 35, 44, 46, -38, -49, 3, 24, 35,
    62, -55, -20, -5, -19, -22, 18, 89, 5, 61, 36, 94, 75, 25, 37, 14, -1, -2,
    -9, 4, -1, -53, 53, 68, 52, 3, 76, 60, 2, 47, -21, -25, -33, 25, 30, -4,
    74, 12, 45, 56, 34, 14, -26, 37, 10, 20, -9, 35, -37, -19, -60, -29, -11, 13,
    10, 61, -61, -43, 32, -62, -84, -59, -80, 2, -65, -35, -59, 4, -18, -10, -127, -35,
    46, 57, -58, -48, 2, 70, 18, -13, 98, 44, 34, -10, 8, -23, -25, 5, 56, -16,
    -34, 21, -43, -24, -106, -6, -68, -26, 34, 22, 8, 34, 79, 85, -10, -52, -40, 11,
    -13, 60, 54, -36, -15, -11, -71, 1, 18, 70, 8, -52, 37, 46, -29, -46, 63, 4,
    10, -36, -41, 11, -1, -29, -53, -9, -39, 45, -36, 11, 1, 62, -38, -31, 23, -12,
    -14, -9, -16, -38, 74, -2, -52, -24, 59, -40, -12, -45, -76, -5, -60, -31, 32, 46,
    -43, -53, 4, 24, -35, 65, 35, -21, 100, 10, -32, -26, -11, -6, 27, 21, 5, 32,
    36, -27, -42, 0, -41, -47, -8, 15, -15, -55, -17, 18, 19, 29, 95, 9, 51, -19,
    2, 26, 35, 9, -16, -60, -4, -19, 33, 15, 50, 0, -30, 69, -18, 15, 3, 48,
    -51, -31, -77, 5, -9, -31, 10, -127, -33, -47, -64, -70, -6, 24, 38, -31, -28, 6,
    -95, -53, -49, -14, -14, -45, -30, -36, 20, 1, -22, 44, -21, 57, -13, -59, 11, -9,
    -30, -60, 45, -19, 15, -31, 19, -50, 57, -21, 41, -22, -44, -61, 23, -36, -28, -60,
    -16, 52, -29, -35, -17, 42, 19, 65, -3, -14, 8, -21, 53, 44, 36, 73, 57, -9,
    -39, -41, -34, 67, 6, 39, 85, 65, 61, -42, -14, -74, -72, -17, -53, -16, 4, 61,
    -24, -28, 36, 7, 20, -14, -65, -1, 24, -92, -57, -127, -8, 7, -1, 65, 54, 17,
    13, -30, 28, -27, -8, 30, -11, 57, 98, 14, 50, 32, 58, -5, 3, 66, 39, 17,
    -11, -43, 61, -57, 8, -19, -11, 21, 0, 40, 2, -82, 29, 18, 42, 14, -44, -80,
    -56, 13, 66, -40, 15, 61, -105, 33, -19, -23, 53, -36, 2, 43, 75, 19, -63, -8,
    19, 11, 42, 11, -4, 47, -64, 13, 2, -64, -35, -112, -35, -13, -19, -102, -95, -83,
    -93, -17, -45, 3, -68, 6, 29, 26, 6, -52, 50, 44, 1, -35, -40, 48, 56, -55,
    -37, -54, -26, -12, -22, -24, -20, -58, 39, 18, -33, -113, 50, 52, -21, -9, -63, -25,
    70, 53, 58, 7, -40, -26, 15, -21, 38, -53, -29, 14, -40, -10, -6, -23, -17, -49,
    -49, -92, -14, -103, -82, -89, -96, -98, 0, 78, 80, 56, 40, 74, 41, 15, 99, 56,
    66, -1, 82, 68, 77, 105, 114, 59, 127, -28, -19, 12, -5, -50, 14, -27, -75, -111,
    -2, 6, -67, -31, -27, -82, -43, -44, -29, 12, -25, -2, -44, 5, -49, -68, 6, -74,
    18, 20, -26, -76, -58, -36, -49, -57, 42, -74, -36, -84, -7, -44, -53, -83, -31, -16,
    -11, 58, 35, 34, 89, -54, 26, 30, 51, 3, 33, -51, 18, 23, -15, 12, -36, -20,
    58, -9, 13, 62, -12, 30, 72, 28, 25, 37, -72, -13, -15, -8, -63, -53, -67, 0,
    0, 41, 31, -60, -20, 44, -9, -98, 44, 4, -26, 29, 5, -103, -16, -28, -21, -6,
    74, 71, -5, -26, -21, -30, -71, -16, 15, 92, 91, 58, 18, 105, 52, 92, 73, 12,
    30, 21, -47, -53, -68, -26, -82, -55, -12, -91, -120, -101, -46, -80, -127, -32, -81, -110,
    23, -42, 28, -44, -78, -18, -40, -91, -49, -77, -11, -6, 17, -72, -95, -62, -2, 62,
    -59, -84, -3, -60, 41, -45, -24, -52, -20, 54, -44, -47, 61, 74, 86, 103, 70, 78,
    68, 37, 92, 59, 35, 2, 21, -3, -37, -48, -53, -47, -86, 5, 9, 114, 86, 39,
    -8, 2, -38, 47, 64, 14, 88, 59, -28, -6, -19, -40, 37, -60, 19, -59, 6, 29,
    34, -114, -17, 47, 82, -22, 26, -10, -36, 23, -22, 75, -33, 37, -37, -2, -7, -49,
    11, 25, 24, 13, -87, -34, -36, 5, -25, 30, -26, -58, 14, 88, -50, 61, 7, 35
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t digits_layer2_scale[48] DIGITS_FLASH = {
    38642760, -2062713877, 2122383318, 548710185, 1123612648, 2105573415, 290251833, 1408147333, 1677754000,
    1377123306, 1021213965, 1157643941,
    498913130, 867567164, 1367359766, 392661417, 1124284136, 2105573196, 888186361, 1265153457, 1870691864,
    -43903895, 1205000391, 1962967302,
    171196873, 1317351328, 1795194736, 425359289, 1432347519, 1652588510, 111675305, 1312158370, 1803583191,
    603079401, 1183692751, 1996521326,
    109497913, 1289336233, 1837137550, 64753433, 1263532722, 1870692544, 122215433, 1167542998, 2021687154,
    308288634, 1041426951, 1140866899
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
        /* multipliers */ 8655584, 2549989,
        /* offset */ -234341868, /* shift */ 22,
        /* clamp */ -128, 127);
}

/* Layer 4: CONV_2D `..._1_1/functional_1/batch_normalization_3_1/batchnorm/add_1` (operator 4)
 * int8 [1,8,8,16] -> int8 [1,4,4,24], 6144 multiply-accumulates
 * kernel conv_2d_lanes: about 52174 cycles on cortex-m0, 774 bytes of constants, 384 of working memory
 * fewest cycles; instead of conv_2d_sparse (63029 cycles), conv_2d_rows (133700 cycles), conv_2d_coded (139825 cycles), conv_2d_taps (145698 cycles), conv_2d_huffman (167052 cycles)
 */
/* Weights [24,1,1,16], four to a word, 4 words for each output channel. */
static const int32_t digits_layer4_weights[96] DIGITS_FLASH = {
    621840127, 38674, -806313510, 1047132615, -1747845183, -1117138698, 43288, 54954,
    -1271604732, -1669265405, 807650308, 124910621, -1367407075, -672219408, -1147599083, -333105981,
    27935, -335674624, 18592, -735434466, 58495, -218764310, 157079278, 957865763,
    42720, 27195, -59717063, 15461, 999999502, 22340, 9041, -799335367,
    806813441, -1563350310, 386463233, 2143930107, -1782840825, 1106301977, -267419138, -1657142863,
    32713, 281154005, 100133063, 1180759791, 49279, 130209739, 38768, 330145038,
    33054, -81404589, 256580372, -1309922515, 1023732411, 57696, -447673473, 67363027,
    31284, 1028194073, 40063, 34590010, 1191829873, -674686679, 120656099, -2127360486,
    259005943, 35751, 40620, 1730219281, 122650613, -877397789, 283273483, 1188616484,
    -333402825, 36450, 1376577440, 19763, 36156, -806134281, 33050, 1360531492,
    -284606038, 150016830, -170430121, 6924, -129950079, -1912844767, 255646197, 739392207,
    706149034, -708624891, -350206847, 821557320, -736828612, 47437, 942988300, -634252281
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t digits_layer4_pairs[102] DIGITS_FLASH = {
    1, -36, -127, -1, 2, -39, 120, 0, -88, 127, -1, -1, -1, 0, 127, -66, 1, -22, 68, -1, 0, 54, 58, -1, 0, -54, 90,
    0, -46, -50, 1, 127,
    -69, -1, 1, 52, 52, 0, -67, 127, -1, -1, -1, 0, -35, -72, -1, 0, 45, -60, 1, 89, -26, -1, 0, -1, 111, -1, 1,
    103, -53, -1, 0, -59,
    -51, 1, -43, 0, -1, -1, 1, 79, -127, 0, -75, -61, -1, -1, 1, 48, -11, 1, 58, -127, -1, 0, 13, 115, 1, 89, 71,
    -1, 3, -109, 127, -1,
    -1, -1, 1, 5, 127, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t digits_layer4_scale[72] DIGITS_FLASH = {
    -35619560, -626016469, 1149305041, 89895560, -1742157138, 1652621461, 110346248, -870253248, 1233190399,
    79485640, -1104974504, 1325465465,
    263592552, -658631122, 1166081600, 259743752, -484488416, 1107361607, 318603320, -1248385432, 1384185874,
    388430424, -1118775719, 1333854302,
    115029272, -47420926, 998309553, -18760712, -459118562, 1107362217, 100986887, -2071491091, 1904278762,
    87677912, -957207223, 1266745158,
    248196952, -697144271, 1174470505, 280942488, -1244315800, 1384186409, 283059720, -1121095334, 1333853443,
    233351640, -1136711333, 1342243972,
    60287928, -1238776985, 1384185963, 210952744, -457109730, 1098972981, 206544008, -1459902077, 1493237806,
    340003832, -1551997296, 1543569743,
    290370760, -1219757979, 1375796892, 255834376, -1908013109, 1770061848, 198697384, -1666318431, 1610677627,
    261248728, -442494691, 1098973052
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
 * kernel conv_2d_lanes: about 243213 cycles on cortex-m0, 3792 bytes of constants, 1408 of working memory
 * fewest cycles; instead of conv_2d_sparse (297927 cycles), conv_2d_rows (698160 cycles), conv_2d_taps (809480 cycles), conv_2d_huffman (891750 cycles), conv_2d_coded (1011678 cycles)
 */
/* Weights [24,3,3,16], four to a word, 36 words for each output channel. */
static const int32_t digits_layer5_weights[864] DIGITS_FLASH = {
    -470164793, -1169167562, 264687799, -85875302, 249751537, -806484351, -677473, 77992770,
    584890586, -751108603, -1144467979, 12314365, 218040007, -250624033, 45219, 835773125,
    -669059707, -689107541, -63193183, 50121, 1144252061, -1022957605, -267147102, -190637115,
    -506269012, -953487569, -435083257, 1188947383, 32528854, -217846286, -702823798, 618972619,
    -937482460, 574148640, 622255302, 757201862, 1524225320, -590338800, -453045266, 521795997,
    318380551, 85060387, 132179222, 416803289, 1525254887, 335685100, -857259530, 57278,
    -53784730, -22025907, -216857833, 122551570, 168616974, 801159493, 718485758, 1978593567,
    51347, 13107679, -322935302, 1810972183, -204342995, 283109348, 248974079, 51747,
    -149495473, 1829243823, 268321271, 804999465, 337847321, -215213398, -1424880396, 1324415530,
    824303650, -624873752, -13479664, 452005822, -566543099, 250814934, 1139400736, -875293175,
    -924184827, 974000650, -3269572, -135719935, -1000992978, 63175, 2144809959, 1104808165,
    -339682447, -854857063, 414833609, 1120529731, -655409129, 853604059, -555869429, 64155723,
    501478186, -1342893860, 553129248, 212994284, -1256261084, -522777101, 1172295206, 82361393,
    -651419049, -456323587, 49005293, 28583213, -186446808, 619452990, 197923565, 283384541,
    221626422, 1143665168, -1289681671, -861020709, 52058, -769804751, 37855, -1426381101,
    -447030103, 1109842157, 520179133, 1522139577, -299305492, -974716397, 501348880, 450495783,
    473427780, -787034776, -419765550, 573292567, 989663978, 751872040, -489595878, 1491207426,
    903946137, -654863803, -151056975, 1170260244, -1158825178, -404635113, 343925464, 270743281,
    19432, -1507312687, 169013305, 603260422, 1765547041, -754254877, 666693402, 249829623,
    50476766, 272426982, 1037099023, 387861716, 923023909, -165092123, 369570224, -13760670,
    -253682902, -850318399, -336461349, -81774995, 387534310, 184750843, -619441160, -380951226,
    -103542429, 1558716935, 488294126, -536207818, -284031414, -140052721, -280511809, 356325341,
    633152564, 84545719, 190045954, -947965450, 32276987, 467746814, 357563682, 304733141,
    288078028, 791821300, 151373114, 69808868, -303567644, 794383354, 233038368, -224321233,
    1476178957, 183645896, 15209452, 336789231, -232667255, -1408477642, -282602991, 133879835,
    823722459, -1844836017, -875885530, -220402128, 521459138, 195911697, 50223, -84920361,
    907221205, -1189944547, -753086943, -773459175, 874190547, -1170136290, 204027400, -62854417,
    -659532302, 34159331, 1020790543, 652754978, -1761466581, -118668309, 1321607675, 872750565,
    17936, -401287394, -71236140, -334435608, 199238084, -197661184, 251525170, -235664142,
    181481712, -700662224, 487139892, -534654536, -1008857644, -634455043, -789062164, -706088679,
    551497698, -1086196248, 753855507, -687543502, 166267877, -582543698, -1027801807, -485569339,
    -152047122, -599989012, -1259396342, -537137895, -670953978, -254077455, 605545473, 1156904720,
    -1446102306, 86442230, 920860420, 354802164, -1579143162, 48769, 165816121, -1255364133,
    -571720990, 924259846, 1205136067, 854449626, -485880083, 104974369, 652864511, -269496931,
    -402977561, 473825265, -456252380, -787555559, -68938736, -1053755578, 235408447, -219290365,
    -349642714, 807402238, 549260127, -1087192316, -821037082, 1361916446, 115865625, -283915317,
    -583287552, 431442943, 1269561881, -640488209, -785789707, -341048056, 1528166112, -7404616,
    1613482784, 548163576, 63670, -219991494, -1459238212, 41175, -4844693, 46499,
    120900893, 96331467, 56394, 129574180, -1145118252, 1048962319, -801241897, -957598388,
    -485488104, 617416642, -12892303, -71295190, 491258391, 535020857, -2097279375, 32718,
    1153886237, -168159160, 24326, 297226258, 639441649, -184941595, 204265204, 176229336,
    218688748, -82374438, -149937922, -439936226, 824112367, -1042737485, 403227872, 113652751,
    490805761, -654120234, -201124624, 131605811, 507643919, -636094190, 570559718, -417714384,
    218375917, -706678284, 269478640, 216857336, 100982011, -180687316, 384310468, -1039593981,
    420677607, -433786841, -384162133, -385283841, 252633876, -133098959, 68031421, -619363595,
    437390387, -515494918, -807615730, -571339047, -286569169, -703351777, -958405058, -268893158,
    -906090743, -3023830, -1157960959, -419556848, 219559194, -668607716, -554581190, -517207894,
    -248127411, 943772223, -605958033, 382524644, 1106376004, 173913591, 352571233, -117766891,
    468304842, -619964151, -841692688, 30067656, 263587332, -396970757, 620422479, 973255462,
    923778045, 752156406, 801971773, 49882, 556190042, -894557157, -119961840, 802111836,
    -348009944, 42967, 838329292, 751428705, 238948199, 748085494, 1078062852, 366348564,
    203883043, -1220407131, 887677129, -858395434, 70327062, -336020513, 451083990, 34651829,
    -753714108, -768992217, 1357980125, -635892498, 722159357, -499995423, 1455884240, 923062543,
    149761600, -377809687, 923220696, -684143392, -236404450, -403360986, 214597569, 282908895,
    -364111392, -688661483, -182729673, -621339462, 167587535, -796922657, 556325411, 916783388,
    1043595301, -69454527, 370473754, 600833201, 367582945, -903549982, -185828644, -65482258,
    -50539465, -199370202, -287493890, -14885645, 907932115, -934078212, -459087075, 1306470429,
    468701921, 373748760, -568981504, -266749410, 128259810, 1162678033, 788588266, 567460799,
    738147025, 1095370547, -6736427, 369170191, 1510551503, -547419650, -586876396, 117398264,
    52647, -455874569, 351408682, 114449962, 958380996, -854327825, -1109843930, -1624837618,
    1377766363, 219097862, 883032297, -1287902730, -302197887, -956638560, -200862950, -1375390165,
    235850917, -32954163, 920203073, -268146393, 135981955, -860081921, 836300550, -639681232,
    770756026, -777196311, 1272055564, -484637443, 50573, -254469033, 486984690, -901103300,
    -314355924, -928113199, -468242943, -115794983, 340385993, -1058415674, 204198875, 300008680,
    -233762894, 399256284, 272367890, -955402020, 303834634, 56074, -1042483396, -904771373,
    -62330692, -557719776, -1779313671, -268749673, 233940942, 42476773, -336203289, -505791806,
    -264031520, 552079610, 69602594, -433709183, -505096251, 871110661, -958926376, 888920449,
    -912001354, 1694310126, -805515010, 70638774, 773850652, -753931255, 590652196, -97373194,
    335785000, 808378382, 1194189390, -532820728, 1573838342, 130019876, -405082080, 1395584216,
    690275586, 15826, 956120687, -283584772, 64731629, 791475291, 149284641, 300277020,
    953535552, 474162417, -186439897, 652338380, 319410674, 53296, -356040950, 167432437,
    -609418183, 1055715332, -30017027, 688784446, -537603553, 1412103942, 222242299, 633869258,
    1407393884, 1069452538, 634655233, -956319440, -693244968, 902964251, -363197439, 306985432,
    1409225481, 178204982, 976090461, 719918072, 595712817, 1321188635, -568681178, -1151465662,
    84279421, 720037886, -313989824, -735891435, 318119432, 571497038, 44844, 971580355,
    734072605, 1241635778, 502395106, -1690245835, -356199350, 958927641, 975514153, -288039390,
    566877494, -752735930, 369292375, -389593617, -65162998, 29801931, -36652061, -79503874,
    975012342, -390788713, -187853041, 21682935, 1072033214, -928652608, -790280975, -431962422,
    43423, 61867513, 703778040, 366735563, -621365004, -1593624142, 569166680, 537976621,
    230416594, 673918889, -1106448353, -431236626, -788994777, 1646466515, 1256393706, 640162967,
    114135024, 858265288, 571597905, 283749846, 1491193944, 600176042, -1225536038, -866655754,
    -608806659, 56961, -186848060, 1740786169, -353954868, -874653013, -173599990, 749861165,
    -1007341128, 53415, 144188995, 1492389638, -249346017, -536341040, -644599518, 367722453,
    -221094180, 224647576, -4847618, 635117748, -1010486565, 285277892, -286586609, 1117404162,
    15931645, -1254743086, -102100784, -86044419, -1294782998, 288901109, 301287634, 1341915398,
    -1392710131, 578424751, 385487086, 364010249, 569093113, -248704052, 1203371765, -83642145,
    286511299, 401432086, 1664105725, 612041190, 1359064851, 15285010, 1076827347, -198457206,
    268361741, 2145070352, 1897863706, 51109997, 1187696616, 635217318, -47163928, -34819788,
    -219874284, 1344863221, 520896455, 623762181, 1008188927, 807215629, -586092487, -325373126,
    936647768, 137080294, -670953453, -20174848, -323151299, 64545479, -822161585, -808496606,
    959845106, -182124879, 940766006, -52643440, -583999942, -1326514761, -1054677215, 38838,
    -705814459, 185735650, 300460300, 266661803, 33733344, 314502369, -787037216, 902747099,
    -1476857800, 285147133, -1577195999, 989561293, -33888964, 483861234, -636773555, 334143674,
    -618071578, -924144200, -1055406040, -151400188, -1106650077, 399901128, 49223, -137519139,
    115270968, 302716643, -616248844, -878844727, -82656194, 328532718, 939496403, -415173434,
    836627935, -4522210, -180245001, -1426970635, 1157964526, -88410888, -667301637, 417871085,
    769829643, 935279625, -334462667, -17442047, -521082874, 689765340, -632691973, 351123499,
    -316813362, 703011280, -1255029006, -269102906, 40009, 890503914, -550070778, -450748381,
    619954494, 902179790, 39727, -135466194, 95225705, 734991154, -802349768, -490734835,
    42140, -321899058, 99671568, 22473, -788000043, 20935, -338085860, 290383077,
    -784797953, 49083, -419306320, -538512181, 36792, 378347443, 323285790, 27081,
    -1341335057, -1174347273, -54325973, -784717318, 368983551, 335265799, 565311776, 68990971,
    -249059940, -421836333, -660733141, 541002113, -669593469, -644015124, 816128961, 421598237,
    -315956763, -270683074, -133119554, -516874502, 472451524, 48298406, 1069226753, 890382326,
    -749464829, -942420226, 668682595, 735326702, 822417977, -367010611, 620613153, -102303514,
    153537213, 383058842, 1809701418, 201984738, 489676534, 54157, 149622326, 652860953,
    -1190008033, 1963304456, -1512952600, 868415268, 368178630, -860628716, 297802796, -221425369,
    938417448, -1480404483, 47975153, 951915775, 401545481, -267660289, -2130574413, -423297220
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t digits_layer5_pairs[144] DIGITS_FLASH = {
    14, 29, -106, 4, -104, -44, -1, 11, -103, 102, 8, 72, 56, 6, 127, -47, -1, 13, -81, -126, -1, 8, -29, 87, 1, 71,
    74, -1, 0, 85, 108, -1,
    26, 100, 102, -1, 8, -113, -127, -1, 9, 60, 26, -1, 10, 84, -97, 2, -91, -35, 1, -89, -36, 2, 108, -54, 12, -71,
    41, 2, 118, -115, -1, -1,
    35, -127, 66, -1, 5, -60, 76, -1, -1, 4, 72, 90, 27, -66, -20, -1, 13, -113, -99, -1, 13, 127, 48, 11, -60, 119,
    -1, 22, 57, 91, -1, 12,
    61, -49, -1, 1, -115, -91, 7, -89, 32, -1, -1, 7, -68, -31, 22, 55, -70, -1, 24, -80, 51, 5, 81, -35, -1, 0,
    -57, -72, 2, 121, 4, 1,
    -30, -115, 3, -16, -120, 2, 25, -68, 2, 50, 64, -1, 17, 83, 84, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit. */
static const int32_t digits_layer5_scale[48] DIGITS_FLASH = {
    -1415383831, 2015393296, 269463848, -1328897934, -149331400, -2006330913, -115159672, -1984213542,
    729538713, 2010052113, 202647560, -1963021098, -406775288, -1415589251, -112824792, -1851628095,
    -246012711, 2100036101, -595256, -1240550809, -187840263, 2130387458, 24129416, -1895096119,
    118295848, -2012696864, -196293128, -1994275363, -828536232, -1891729720, 490452233, 1986322964,
    584573593, 1994649619, -888103943, 1717299007, -549585287, 1900059169, 304966329, 1701592386,
    -1080285255, 1949970713, -362689752, -1724296789, -943229351, 1950594585, -236121448, -1656476768
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
 * kernel conv_2d_lanes: about 351661 cycles on cortex-m0, 5673 bytes of constants, 1984 of working memory
 * fewest cycles; instead of conv_2d_sparse (429196 cycles), conv_2d_winograd (702161 cycles), conv_2d_rows (971960 cycles), conv_2d_taps (1145690 cycles), conv_2d_huffman (1246929 cycles), conv_2d_coded (1307642 cycles)
 */
/* Weights [24,3,3,24], four to a word, 54 words for each output channel. */
static const int32_t digits_layer6_weights[1296] DIGITS_FLASH = {
    22830, -540743262, 201766898, -637030373, -810284289, -818021741, 1036734514, -907030338,
    587648005, -637669149, -774498836, 239536577, 25398, -989854015, 252753369, -402335975,
    513347069, -648040470, 688805700, 246277589, 136301526, 576831543, -4252703, 358406816,
    1239756312, -139136754, -449896241, 623177989, 65207244, 53340659, 752251158, 449644778,
    455482623, -31402214, 733235950, -47989529, -152553996, 853995005, 685754340, 875033922,
    483536110, 554210262, 31287872, 614393055, 2090734, 473760763, 234220503, 121881646,
    79718683, 52659, 836826041, -43646398, 352584431, 355450618, 41045, 746529518,
    485807118, -386880689, -738985002, -738268345, -1277503966, 521616395, 184271115, 54120234,
    203158734, -622861762, -705774573, 1145985007, 235712756, 725005620, -433060953, -891218633,
    -256199889, 406926818, -619771380, -147465194, -735577095, -773590744, -17513723, 487994642,
    336325916, -614276121, -50137333, -372250584, -504116176, 862006009, 366859543, 742319342,
    -1154807859, -959641575, -338442467, 807936487, -987829772, -217725940, -1027262489, -154277826,
    96523784, 354496772, -853096958, -314453509, -15072032, -105056155, -756239352, 274607846,
    15918838, 373547531, -803068961, -307886271, -1337789195, -354550314, 219385569, -1240277245,
    -658557443, 661910542, 253482943, -755369045, -69359359, -1488846060, -255770330, 890900290,
    44985, -754719515, 230738500, -1492967689, -975274226, -114734775, -819983081, 184227572,
    235791871, -332064748, -137285587, 676070905, -196814654, 336386536, -220141322, -1289299201,
    96684761, 419821872, -669583376, 265538790, 349806108, -1727391256, -843485690, -144489176,
    -796991279, 685440989, -403394765, -646586866, -152951019, 858729999, -246166273, -186462216,
    100386877, -797433857, -761975582, 793324572, 47055, 49923355, -34633419, 23256,
    22007, 27467, -281690957, -436740122, 1807675441, -446871278, -216116780, -133385485,
    -1220617762, -555629864, 1139604814, 323145454, -755218742, -16980192, 150783456, -421207100,
    718265648, 306318102, -15665179, 398989114, -333398825, 180019236, 600497006, -1136920313,
    -216059881, 115408140, -768934976, 902485720, 787531077, -972750923, 318713319, 786413493,
    -1155263724, 465613578, 499574070, 135599047, -958261309, 217260278, -1156450642, -338578710,
    668841999, -765064170, 166665888, 572510023, -1024717592, 366510343, 737338156, -215821875,
    11659, 1157026104, -1188423959, 1223473117, 12774158, 125177560, 464068503, 106362388,
    -788483101, 2078531388, 20806, -449849789, 705095651, -388178468, -1140534265, 1123481124,
    65089, 403495804, 1074522336, -623306259, -1643916236, -168637419, 17685, -15860645,
    15344888, -594214172, -451746308, 937751554, 985546799, -303444961, 67379710, -1563038985,
    -969343750, 787613184, 1439305547, 354670374, 728813, -805898768, -1055528698, 349616370,
    12590, 252517929, -453969672, -875235889, -1307515445, 653577453, 739262254, 656545841,
    49019078, -1159733512, -1422267121, 788390357, 888881414, 251332122, 635954708, -474946073,
    -1056186341, -98652185, 1039284476, -518251450, -135651042, -692920611, 1341137635, 1159,
    35389, -97124868, 483336933, -289027512, 1236003536, 16242837, 1139989033, 893979159,
    -237623362, 167502322, 1444354021, -1676607835, 1343334972, 338142707, 584984499, 1068901146,
    703338697, 296477117, 1012528445, -232409539, 379309522, 719522850, 1356726746, -136578328,
    -385424855, -513228231, -274406438, 1035269375, -34523208, 47436472, 728751157, 693693699,
    1120389331, 1054930427, -418814775, -1026044747, 187616087, -68569075, -19201068, 1324218968,
    567614683, -81655120, 357698918, 51236945, 815121391, 150988082, 315574480, -253691446,
    55417, 320045316, 785568210, 1459557685, -136371960, 32710, -1311317785, -502201384,
    98229571, 858207713, 33622002, -1272828224, -1341911838, 318451648, -490934454, -101050118,
    400101863, -1457435129, -1255681033, -184336691, -774833324, -30723077, -321388005, 154745594,
    -922092811, 132067540, 366149171, 992750050, 585562918, -1103023109, -1006648118, 371855575,
    31793245, 972491226, 246873556, -484421381, -1557788705, -98231281, -589878452, 502732786,
    248247808, -486190314, -1277183222, 319105010, 446176818, 187900609, 1221193493, -300666615,
    -518460425, -62510103, 29768750, 856302563, 367796523, -755164436, -753799156, -97897499,
    -774030742, 590219469, -1209470257, 690164771, -824314642, 681966882, 1010115658, 266410684,
    -785719274, -503836341, 65089997, 1309222128, 1864165646, -22399747, -1443584237, 625088356,
    -1390477321, -54248691, 1494890538, 79571130, -722089264, 853814059, -1545998584, 1473184248,
    -181849048, -1092407340, -1021925890, -170983388, 152438231, 1104224471, 406460702, -657437473,
    34250757, -733540568, -173735451, 216399606, -164163780, -942112791, -318907425, 796851214,
    25048, 418646268, -67156865, -1078196027, -117583378, 555214360, 19908, 365493983,
    153288796, -391423205, -956192735, -730920898, -1361625363, 1055528463, 84668781, -1127991587,
    753540438, -399555546, -11799861, -1681387560, -686042401, 1108523, 438783547, -1123552742,
    -317447969, -627172376, -703202567, -432545191, -47043008, -336777462, -244510004, -340066605,
    -856043823, -397219048, 890379802, -819058164, 856424419, -856685609, -904401147, 1161546269,
    757671440, -136578084, 169016035, -655093279, 118219560, 238804277, 435885877, 130622728,
    -97047597, -1549016860, 904653615, 574872389, 490140970, -488347370, 993974264, 50879,
    -551494376, 1143599909, 190520632, -890682135, 1042009571, -408876630, -768219904, 540338704,
    171907391, -106608137, -146272287, -878593291, 354537686, 260046595, -991686157, -789586437,
    -804679732, 2084821497, -590193396, 217658017, 285467636, 1174309, 467793122, 1024716734,
    -852805876, -51494890, 31121671, -769217235, -50547218, 741131245, 86524186, 319575051,
    -669325561, -1123232962, -1631193337, 706271753, -67814337, -620621401, 133097466, -333313242,
    -233905665, 522581504, -653188825, -473093711, 350403049, -332141480, 149285842, 805290652,
    656227575, -838000418, -556733709, -284826591, 44479, 739968280, -621450950, -754902749,
    401793523, -202984925, -287574307, 738191046, -250328266, -955305736, 197570036, -247742388,
    -87487531, 640798934, -805142530, 22070, -81457973, 1162487046, -253181678, -856944662,
    -1407841749, -466761719, 5962940, -61727988, -906032940, -52688925, -1371927522, 372758068,
    -283899222, 6881, 45740, -808515392, 53697, 876008505, -702079210, 16642,
    484046561, -503121935, 5844214, 203734230, -380817183, 926501649, 300272876, -86898476,
    170271738, -297341465, -181267543, 1332092423, -205007681, -606147131, 322387907, -214775548,
    -50521647, 694227212, -450640952, -136507925, 167765756, -266738907, -183694426, -279375105,
    -334630939, -220331553, -400808221, 2547472, 16049047, 880476942, -716976175, -86647832,
    -14856016, -598363150, -133238053, -606008078, 218623050, -137567779, -908459516, 265762144,
    -487268627, -955254813, 587716388, -68354328, 34673652, 32318510, -80614153, -838284317,
    687257934, 451998205, -1023604226, 501628244, -149759790, -520230639, -184691901, -166735349,
    -153419043, 133898045, 333510336, -302258712, -49874165, 402203640, -620764704, 167375655,
    672392918, 148437264, 553772595, 16763889, -285606663, 233256019, -99678738, 399303191,
    -280316333, -992354302, 433325300, 23167, 320724203, -32699649, -418256840, -888811019,
    -87882744, 1021916201, 53664950, -183237373, -752434087, -372523026, -336336938, 689651274,
    637808626, -1277014294, -419631544, 403900948, 786453226, 147088564, -287764768, -403184943,
    -285665746, 654519032, 602141724, -117507845, 184623343, -754889256, -367925931, 186520588,
    616495661, 283192811, -659625279, 96477648, -553705641, 1143338026, 649070812, 1506740969,
    317647557, 540143537, -573644578, -654108103, 704048091, 350821634, 163654658, -840814152,
    71307315, 370807097, 95213360, 1323168775, 367152376, 286017969, 18951027, 1340996114,
    730786866, 767573000, 554433006, -148495392, 419630657, 102569757, 699769899, 1171719105,
    938687723, 116801202, 346, 923012129, 531355719, 968246771, -382064942, 19126,
    -788921851, 686181653, 1757219337, 1272377737, -353635375, 18878, -570417871, -134865627,
    921432607, 1660605336, 313207747, 22455, -216806318, 353318938, 851102733, 251244709,
    1354501585, 842997922, -399969948, 907154720, 109180377, 771278040, -121250809, 576139208,
    -331816133, 740111650, 688785389, 1541919988, 181014775, -686212433, -96676305, 271254059,
    -72228390, 1339751129, -1178934855, -116756842, -166002625, 1256982046, 249606939, 1089255949,
    -118498617, 172365487, -938987985, 722785826, 231708440, 772127471, -305047578, 839797416,
    -1253374662, 503859274, 664322565, 39861, 803815128, -364702991, -1117980734, 177147558,
    -331629061, 724039154, 722998192, 1780231, -1119099714, 351343859, -852379905, 1124796968,
    1037446076, 254881555, -847254793, 53638, -61943596, 740542970, 1559893747, -465883405,
    -968109856, 970335187, -281869540, 353116163, 1726099186, -771551213, -450172448, 268764650,
    473826334, 571546374, 1323714994, -46846257, -314183728, 566812614, 758439629, 925952040,
    837040858, 271118558, -685836597, -104671530, 1277289509, 601491974, 1257311459, -216594164,
    -433981998, -137958900, 401930784, 84150774, 1124533166, 607002329, 173600470, 43974,
    1375065551, 837681632, -939255029, -1212748012, 636613158, 165476077, -200732890, -636977700,
    -653785605, -975584258, 785911777, 331932691, 1069678374, 24739, -784196362, -1697051400,
    65619978, -522902973, 617476968, -1142005810, -920461318, -724769993, -219397861, 784149273,
    317922323, 484325080, 907816712, -1641673, 30224579, -2028019, 537265432, -790815749,
    -99349732, 56098, 287774500, -220782820, 549972834, -66828302, -832626467, 47446,
    -133623280, 800055265, 1039212370, 62860532, -166652941, 185256237, 1360936917, 131337031,
    96275779, -807706161, 70061607, -1328812782, -469670165, -240135446, -137630849, 21301,
    365093974, 968146444, 32520, 121170764, -147773975, -1631788315, -186585245, 96578078,
    936390655, 35194691, 234752506, -724097280, -70781340, -994596104, 1625704954, -484835993,
    1090194450, -507849507, -637008596, 851491818, 1559128813, -316023279, -350805813, 50650,
    -218362031, -23077111, 1457471533, -65877215, 69018380, -1228998676, -372236447, -54747603,
    1476546079, 287510311, 483396609, -1042557197, -738459340, 516669939, 32208, -517873120,
    558498051, -993931583, -219735463, -493036004, 1727209185, -386600702, 2942238, -1076563724,
    -121435811, 46510604, 1538664138, -415562704, -182848521, -220009209, -701756204, 169783918,
    -184196380, 22194, -43914741, 1960243503, -1087643470, 32685378, -166644230, -405450248,
    -364647683, 1123554597, -411048236, -85286622, -165458403, -488688692, -513823220, 1191911737,
    -149085678, -51253428, 116852955, -705294950, 460653299, 1241455329, -113573644, -354560528,
    235009546, -993130825, 606543880, 688450039, 88805834, 252034588, -34336460, -691007279,
    221779654, 1295511789, -46790949, -905920724, 803663137, -638437200, -109469685, 839722781,
    723853520, -1107773411, -152701680, 12940, 491259886, 872741120, -229251392, -204100599,
    -184820446, -573886534, 1010619638, 957541875, 1677008895, -338831372, 200931318, -521862982,
    13710295, -1022236990, 1190669849, -1075456053, 639358455, 672719338, 834151677, -605939758,
    32626, -827200503, 490083078, 235320087, 14356, -819789922, 786836529, -22284007,
    355793405, 1207037462, -590269489, -973012578, 452471095, -554185732, -501598226, 941150770,
    -201909024, -471450682, 667435610, -742990590, 791020240, 892839442, 1102646068, -118222929,
    1305692441, -324284977, 687162050, 1729021482, 18097917, 41890, -120368822, -172827633,
    23513, 990053657, -300401622, -991562799, 23134, -309272846, 973023181, 973661729,
    602342727, -755251697, -1059991481, -1275454758, 467455520, -218364424, -221884927, -977387980,
    43099, -1593766658, -201455853, 369175300, -888525773, -223337443, 382454101, -672587520,
    432997409, -250222517, -1058127593, -171933936, -4333778, 536018190, 216792073, -452069899,
    -1041434923, -353084602, -270220764, -301536756, -521457902, 16246758, -1043067375, -455723023,
    401593895, -186959328, 151205657, -197339882, -1811935221, 29009, 505066834, 550187068,
    -819788261, -504374520, -337771266, -474460895, -553271207, -424338905, -953021946, -739699727,
    -587462884, 28002, 233437014, -187817224, -1157229289, -1057878518, -1809248759, -424710128,
    434721797, -599527684, -1038015495, 199495135, 858384147, 1390668286, 268052970, 572664772,
    -284151530, 184635130, 68341548, 654703844, 403790524, 891620315, -602196450, -686544951,
    841597160, 55937, 722803675, 643635671, -738905106, -774036716, 961916944, 1410661851,
    -16242725, 402599408, -97968631, -605600506, 771481606, 1209197069, 351016155, 1205745343,
    -619767074, 29438948, 356171273, 42258, 1089669577, -47377197, 473243169, 634726897,
    439326986, 585418458, 149037062, 257822902, -771414017, -540933374, 1092400158, 1680270354,
    837432829, 808989173, -263252476, 720776656, 753962489, 1996806337, -1328692963, 251926847,
    -1026737665, -612422926, -784391381, 452327423, -135278055, 69527773, -774886175, -1220595701,
    -1107160258, 466621438, -222897073, 350614304, -858513373, -867941607, -165531133, -320209902,
    -523059922, 286673380, -808897006, -1103293746, -30075364, 503893536, -3489496, 569711336,
    -237833934, -972346430, -432783038, 686620193, -925640085, 587337243, -539759303, -1070175257,
    387385610, 3068384, -489633795, -487064312, -790414316, -231123743, 584313652, 51833069,
    -425152733, -366604597, 232849951, -717023254, -421519846, 772469223, 61529891, -286580495,
    -1012664308, 21528, 236596769, 19842818, -1272652837, -133424608, -975043538, -581599233,
    -83162581, -183167057, -1288117279, -582817755, -87618855, -971305730, 116915496, 1039664690,
    -1153705514, -83758877, -672978875, 30985, -252566216, -933892600, -1793532424, 49489898,
    -372694257, -568243974, 321857580, -182443821, -1122825965, 300996072, -471065332, -823582497,
    552025901, 388506629, -316809258, -48368152, -742053850, -1408551186, -337564173, 221185799,
    -1055067421, 266410802, -845139687, -1372250875, 368126268, 388499422, -117116442, -115859985,
    -355990262, -918930165, 619053856, 774104266, -1007881776, -218826751, -1277744829, -1456840202,
    -86956231, 927982307, -70133047, 2133925420, 47637271, 56407, 1308308992, -1059150633,
    84608010, 871441155, 707392518, 956938038, 301738459, -370873095, 418779632, 1763572728,
    723629569, 1510588453, 1340147170, 47790, -233760783, 152248066, 1702956, 1008269365,
    -369484882, -1310724404, -636682023, 1206469173, 82247441, 1512162108, -1506211366, -791673139,
    284961761, 957873660, 66329592, 803851779, 32512485, -607646492, -522642751, 1343746230,
    705905654, 1996082187, 347814939, 40893, -672724254, 1479540728, 1341337825, 922349889,
    -17297715, -1145698885, 132588269, 1281351153, -67897636, 1728889364, 752090065, -440132929
};

/* Weights that do not go with the first two of their word; 255 behind each output channel. */
static const int8_t digits_layer6_pairs[201] DIGITS_FLASH = {
    0, -35, 91, 11, -106, 16, 36, -127, 72, -1, 0, -23, -55, -1, 12, 102, -61, 35, 110, -90, 2, 71, -73, 0, -95,
    -70, 0, 111, 27, -1, 46, -81,
    32, -1, 2, -69, 127, 5, -104, 118, 5, -71, 97, 17, -82, 103, -1, 1, -87, -76, 0, 41, 47, 47, 80, -35, -1, 1,
    -23, -56, -1, 38, -61, -110,
    5, -58, -87, -1, 39, -54, -87, -1, 38, -36, -74, 14, 13, -114, -1, 13, 113, 127, 0, 39, -62, 1, 110, -52, 2,
    120, 76, -1, 41, -66, 60, -1,
    50, 127, -60, -1, 1, 112, 44, 5, 106, 53, 5, 125, 108, 39, -37, 108, -1, 15, -101, 33, 35, -56, 86, -1, 11, -67,
    -32, 19, -90, -116, 5, -83,
    -20, 15, -83, -73, -1, 2, -28, 105, 20, -87, -78, 14, 6, 92, -1, 3, 20, -81, 41, -82, -32, -1, 12, -97, 32, 3,
    -90, 99, 24, -22, -74, 2,
    55, 72, 3, -81, 31, -1, 6, -70, -65, 28, -17, -57, 11, -56, -6, -1, 17, -60, 56, 17, 56, 114, -1, 51, 120, -36,
    -1, 15, 90, -51, -1, 3,
    -44, 93, 13, -84, -47, 23, -70, -33, -1
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t digits_layer6_scale[72] DIGITS_FLASH = {
    -28752087, 1306662308, 998277348, 37176569, 1530588518, 855670575, 185215354, 1050616581, 620773461, -466868087,
    1267879344, 1023443157,
    88638761, 1442613884, 906002166, -85215111, 1227749823, 1056997329, 415171913, 1199144649, 1082163136,
    320171145, 1230891965, 1056997562,
    585088457, 1295503015, 1006666637, -129841975, 1313750433, 989888357, 332060937, 1232018365, 1056997595,
    5050649, 1392934026, 939556642,
    693084169, 1280251052, 1015053781, 513416857, 1149024733, 1132495084, 432868281, 1498409326, 872448746,
    228243145, 1238625979, 1048608406,
    156498649, 1250238134, 1040219892, 465534665, 1205407943, 1082163040, 149845657, 1309690275, 998277018,
    82582761, 1291559848, 1006665456,
    1000760217, 1263424178, 1031831763, 386644217, 1100839922, 1182826382, 476320233, 1099480051, 1182826452,
    246640809, 1229482430, 1056997001
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
        /* multipliers */ 5851141, 4438274,
        /* offset */ -158288794, /* shift */ 22,
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
            sum, 2076515303, -3, /* zero point */ -128, /* clamp */ -128, 127);
    }
}

/* Layer 9: FULLY_CONNECTED `functional_1_1/functional_1/dense_1/MatMul` (operator 9)
 * int8 [1,24] -> int8 [1,10], 240 multiply-accumulates
 * kernel matrix_product: about 3346 cycles on cortex-m0, 360 bytes of constants
 * 849 cycles slower than dense_packed, but saves 565 bytes of flash and 4 bytes of scratch (--optimize balanced); instead of dense_packed (2497 cycles), dense_sparse (4106 cycles), dense_squares (8685 cycles), dense_huffman (15097 cycles), dense_coded (25634 cycles)
 */
/* Weights [10,24]. */
static const int8_t digits_layer9_weights[240] DIGITS_FLASH = {
    63, 113, -76, -107, -100, -3, -12, -82, 127, 8, -24, -47, -99, -84, 33, -113, 88, -80, 51, 114, 2, 52, -80, -58,
    -48, -48, 48, -64, 19, -127, 119, 68, 28, -93, -22, -118, 91, 87, -60, 56, -106, -33, -62, 84, 55, 84, 106, -41,
    77, -90, -70, 1, -47, 110, 7, -127, -22, -76, -71, 3, 109, 127, 92, -3, -51, -62, 62, -106, 77, -61, -51, 68,
    -62, -91, 17, -117, -124, 24, 34, 88, -120, 127, -97, 51, 72, -50, 72, 112, -110, -38, 46, 97, -118, -107, -51,
    44,
    -114, -127, 8, 109, 112, -116, -85, 57, -85, 56, 15, -118, -58, -45, -48, -16, 82, 117, -119, -43, 63, 86, 79,
    -50,
    -111, 119, -77, -24, 62, -42, -103, 93, -116, 79, 127, -41, -52, 82, 109, -78, -46, -52, -77, -96, 25, -35, -92,
    126,
    -36, -56, 10, 5, -59, -5, -77, -38, 127, -65, 94, 16, -63, -49, 106, 42, -65, 95, -45, -101, 68, -84, 5, -45,
    127, -31, 101, 82, -120, -19, 60, -35, -16, 103, 77, -125, -111, -32, 3, -44, -60, -48, 58, -104, -120, 39, 62,
    10,
    -49, 49, 105, 85, 27, 99, -54, -96, -12, 13, -51, 121, 38, -42, -50, 39, -65, 8, -127, 97, -84, -18, 25, -35,
    32, -59, -16, 17, 119, 10, -127, 34, -95, 48, -57, -59, 10, -11, -25, 58, 96, -73, 93, -17, -63, -63, -23, 88
};

/* Scales in 32 bits, exact for these weights: bias, offset and exponent, multiplier and limit, turn and setback. */
static const int32_t digits_layer9_scale[30] DIGITS_FLASH = {
    191265385, 1447068539, 1426096197, 366802553, 1441455996, 1426095940, 292208905, 1480100722, 1392541262,
    207889785, 1417533059, 1451261978,
    219479529, 1489120368, 1384153066, 274011721, 1334936219, 1543536597, 218046921, 1558581344, 1325432666,
    254042425, 1565072734, 1317044402,
    386126729, 1373819791, 1501593433, 272436889, 1631162960, 1266712492
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
    2147483647, 1909903487, 1698607511, 1510687146, 1343557071, 1194916741, 1062720880, 945150040,
    840586321, 747590656, 664883304, 591325990, 525906500, 467724436, 415979234, 369958608,
    329029444, 292628359, 260254277, 231461880, 205854795, 183080700, 162826129, 144812371,
    128791502, 114543057, 101870940, 90600768, 80577431, 71663001, 63734781, 56683689,
    50412655, 44835417, 39875197, 35463723, 31540307, 28050941, 24947614, 22187611,
    19732954, 17549860, 15608286, 13881512, 12345774, 10979937, 9765207, 8684862,
    7724041, 6869517, 6109528, 5433620, 4832488, 4297861, 3822380, 3399503,
    3023410, 2688924, 2391443, 2126874, 1891573, 1682305, 1496188, 1330662,
    1183449, 1052522, 936079, 832519, 740416, 658503, 585651, 520860,
    463236, 411987, 366408, 325872, 289820, 257757, 229241, 203879,
    181324, 161264, 143423, 127556, 113444, 100893, 89731, 79804,
    70975, 63123, 56140, 49929, 44405, 39493, 35123, 31238,
    27782, 24708, 21975, 19544, 17381, 15458, 13748, 12227,
    10875, 9671, 8602, 7650, 6804, 6051, 5381, 4786,
    4257, 3786, 3367, 2994, 2663, 2368, 2106, 1873,
    1666, 1482, 1318, 1172, 1042, 927, 825, 733,
    652, 580, 516, 459, 408, 363, 323, 287,
    255, 227, 202, 180, 160, 142, 127, 113,
    100, 89, 79, 70, 63, 56, 50, 44,
    39, 35, 31, 28, 25, 22, 19, 17,
    15, 14, 12, 11, 10, 9, 8, 7,
    6, 5, 5, 4, 4, 3, 3, 3,
    2, 2, 2, 2, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
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
