/* Softmax of each row; exponentials[d] belongs to a value d below the row's maximum, further ones count as 0. */
static void {{prefix}}softmax(
    const int8_t *{{PREFIX}}RESTRICT input, int8_t *{{PREFIX}}RESTRICT output,
    int32_t rows, int32_t classes, const int32_t *exponentials, int32_t entries)
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
                sum += (({{PREFIX}}READ_I32(exponentials + distance) >> 11) + 1) >> 1;
            }
        }
        while (((uint32_t)sum << headroom) < 0x80000000u) {
            headroom++;
        }
        shift = headroom - 35; /* negative: to the right */
        /* 1 / (1 + x) with 31 fraction bits for sum = (1 + x) * 2^(31 - headroom): three Newton steps. */
        half_denominator = (int32_t)(((uint32_t)sum << headroom) >> 1);
        reciprocal = 1515870810 + {{prefix}}scale(half_denominator, -1010580540, 0);
        for (int32_t step = 0; step < 3; step++) {
            const int32_t error = 536870912 - {{prefix}}scale(half_denominator, reciprocal, 0);
            reciprocal += {{prefix}}scale(reciprocal, error, 0) * 4;
        }
        reciprocal = reciprocal > 1073741823 ? 2147483647 : reciprocal * 2;
        for (int32_t c = 0; c < classes; c++) {
            const int32_t distance = maximum - input[c];
            int32_t value = -128;
            if (distance < entries && shift >= -31) {
                value += {{prefix}}scale(reciprocal, {{PREFIX}}READ_I32(exponentials + distance), shift);
            }
            output[c] = (int8_t)(value > 127 ? 127 : value);
        }
        input += classes;
        output += classes;
    }
}
