/* Depthwise 2-D convolution; taps outside of the image count pad_value. */
static void {{prefix}}depthwise_taps(
    const int8_t *{{PREFIX}}RESTRICT input, int8_t *{{PREFIX}}RESTRICT output,
    int32_t input_height, int32_t input_width, int32_t channels,
    int32_t output_height, int32_t output_width, int32_t depth_multiplier,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x,
    int32_t dilation_y, int32_t dilation_x, int32_t pad_top, int32_t pad_left, int32_t pad_value,
    const int8_t *weights, const int32_t *bias,
    const int32_t *multiplier, const int8_t *shift, int32_t per_channel,
    int32_t zero_point, int32_t low, int32_t high)
{
    const int32_t filters = channels * depth_multiplier;
    const int32_t step_x = dilation_x * channels;
    const int32_t step_y = dilation_y * input_width * channels - filter_width * step_x;
    for (int32_t oy = 0; oy < output_height; oy++) {
        for (int32_t ox = 0; ox < output_width; ox++) {
            const int32_t top = oy * stride_y - pad_top;
            const int32_t left = ox * stride_x - pad_left;
            const int32_t is_inside = top >= 0 && top + (filter_height - 1) * dilation_y < input_height
                && left >= 0 && left + (filter_width - 1) * dilation_x < input_width;
            for (int32_t filter = 0; filter < filters; filter++) {
                const int32_t channel = per_channel ? filter : 0;
                const int32_t c = depth_multiplier == 1 ? filter : filter / depth_multiplier;
                const int8_t *weight = weights + filter;
                uint32_t sum = (uint32_t){{PREFIX}}READ_I32(bias + filter); /* wraps as the reference does */
                int32_t value;
                if (is_inside) {
                    int32_t position = (top * input_width + left) * channels + c;
                    for (int32_t ky = 0; ky < filter_height; ky++) {
                        for (int32_t kx = 0; kx < filter_width; kx++) {
                            sum += (uint32_t)((int32_t)input[position] * {{PREFIX}}READ_I8(weight));
                            weight += filters;
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
                            sum += (uint32_t)(pixel * {{PREFIX}}READ_I8(weight));
                            weight += filters;
                        }
                    }
                }
                value = {{prefix}}scale((int32_t)sum, {{PREFIX}}READ_I32(multiplier + channel),
                                        {{PREFIX}}READ_I8(shift + channel)) + zero_point;
                value = value < low ? low : value;
                *output++ = (int8_t)(value > high ? high : value);
            }
        }
    }
}
