/* output[row][unit] = bias[unit] + sum of input[row][d] * weights[unit][d] over d, requantized. */
static void {{prefix}}matrix_product(
    const int8_t *{{PREFIX}}RESTRICT input, int8_t *{{PREFIX}}RESTRICT output,
    int32_t rows, int32_t depth, int32_t units,
    const int8_t *weights, const int32_t *bias,
    const int32_t *multiplier, const int8_t *shift, int32_t per_channel,
    int32_t zero_point, int32_t low, int32_t high)
{
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *weight = weights;
        for (int32_t unit = 0; unit < units; unit++) {
            const int32_t channel = per_channel ? unit : 0;
            uint32_t sum = (uint32_t){{PREFIX}}READ_I32(bias + unit); /* wraps as the reference does */
            int32_t value;
            for (int32_t d = 0; d < depth; d++) {
                sum += (uint32_t)((int32_t)input[d] * {{PREFIX}}READ_I8(weight + d));
            }
            weight += depth;
            value = {{prefix}}scale((int32_t)sum, {{PREFIX}}READ_I32(multiplier + channel),
                                    {{PREFIX}}READ_I8(shift + channel)) + zero_point;
            value = value < low ? low : value;
            *output++ = (int8_t)(value > high ? high : value);
        }
        input += depth;
    }
}
