/* value * multiplier * 2^(shift - 31), rounded to nearest and then, by the right shift, half away from zero. */
static int32_t {{prefix}}scale(int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t right = shift > 0 ? 0 : -shift;
    const int32_t shifted = (int32_t)((uint32_t)value << left);
    const int32_t product = (int32_t)(((int64_t)shifted * multiplier + ((int64_t)1 << 30)) >> 31);
    const int32_t mask = (int32_t)(((uint32_t)1 << right) - 1u);
    const int32_t half = (mask >> 1) + (product < 0 ? 1 : 0);
    return (product >> right) + ((product & mask) > half ? 1 : 0);
}
