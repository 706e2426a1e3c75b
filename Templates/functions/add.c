/* Sum (sign 1) or difference (sign -1) of count elements; an input with step 0 repeats its first element. */
static void {{prefix}}add(
    const int8_t *input1, int32_t step1, const int8_t *input2, int32_t step2, int8_t *output, int32_t count,
    int32_t zero_point1, int32_t multiplier1, int32_t shift1,
    int32_t zero_point2, int32_t multiplier2, int32_t shift2, int32_t sign,
    int32_t multiplier, int32_t shift, int32_t zero_point, int32_t low, int32_t high)
{
    for (int32_t i = 0; i < count; i++) {
        /* Both inputs in a common scale with 20 fraction bits. */
        const int32_t value1 = {{prefix}}scale((*input1 - zero_point1) * 1048576, multiplier1, shift1);
        const int32_t value2 = {{prefix}}scale((*input2 - zero_point2) * 1048576, multiplier2, shift2);
        int32_t value = {{prefix}}scale(value1 + sign * value2, multiplier, shift) + zero_point;
        value = value < low ? low : value;
        output[i] = (int8_t)(value > high ? high : value);
        input1 += step1;
        input2 += step2;
    }
}
