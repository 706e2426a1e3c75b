/* Index of the first largest of count values that lie inner elements apart. */
static void {{prefix}}arg_max(
    const int8_t *{{PREFIX}}RESTRICT input, int32_t *{{PREFIX}}RESTRICT output,
    int32_t outer, int32_t count, int32_t inner)
{
    for (int32_t o = 0; o < outer; o++) {
        for (int32_t i = 0; i < inner; i++) {
            const int8_t *values = input + o * count * inner + i;
            int32_t best = 0;
            for (int32_t k = 1; k < count; k++) {
                best = values[k * inner] > values[best * inner] ? k : best;
            }
            *output++ = best;
        }
    }
}
