/* Mean of the pixels of each window that lie inside of the image, rounded half away from zero. */
static void {{prefix}}average_pool(
    const int8_t *{{PREFIX}}RESTRICT input, int8_t *{{PREFIX}}RESTRICT output,
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
            const int32_t count = (y1 - y0) * (x1 - x0);
            for (int32_t channel = 0; channel < channels; channel++) {
                int32_t sum = 0;
                for (int32_t y = y0; y < y1; y++) {
                    const int8_t *pixel = input + (y * input_width + x0) * channels + channel;
                    for (int32_t x = x0; x < x1; x++) {
                        sum += *pixel;
                        pixel += channels;
                    }
                }
                sum = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
                sum = sum < low ? low : sum;
                *output++ = (int8_t)(sum > high ? high : sum);
            }
        }
    }
}
