/* 2-D convolution. A row of a filter meets one run of the input; weights that meet no pixel count pad_value. */
static void {{prefix}}conv_2d_rows(
    const int8_t *{{PREFIX}}RESTRICT input, int8_t *{{PREFIX}}RESTRICT output,
    int32_t input_height, int32_t input_width, int32_t channels,
    int32_t output_height, int32_t output_width, int32_t filters,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x, int32_t dilation_y,
    int32_t pad_top, int32_t pad_left, int32_t pad_value,
    const int8_t *weights, const int32_t *bias,
    const int32_t *multiplier, const int8_t *shift, int32_t per_channel,
    int32_t zero_point, int32_t low, int32_t high)
{
    const int32_t row_size = filter_width * channels;
    for (int32_t oy = 0; oy < output_height; oy++) {
        for (int32_t ox = 0; ox < output_width; ox++) {
            const int32_t top = oy * stride_y - pad_top;
            const int32_t left = ox * stride_x - pad_left;
            /* Weights first ... last - 1 of a filter row meet pixels. */
            const int32_t outside_left = left < 0 ? -left : 0;
            const int32_t inside_right = input_width - left < filter_width ? input_width - left : filter_width;
            const int32_t first = (outside_left < filter_width ? outside_left : filter_width) * channels;
            const int32_t last = inside_right * channels > first ? inside_right * channels : first;
            const int8_t *weight = weights;
            for (int32_t filter = 0; filter < filters; filter++) {
                const int32_t channel = per_channel ? filter : 0;
                uint32_t sum = (uint32_t){{PREFIX}}READ_I32(bias + filter); /* wraps as the reference does */
                int32_t outside = 0;
                int32_t value;
                for (int32_t ky = 0; ky < filter_height; ky++) {
                    const int32_t iy = top + ky * dilation_y;
                    const int32_t begin = iy >= 0 && iy < input_height ? first : row_size;
                    const int32_t end = iy >= 0 && iy < input_height ? last : row_size;
                    int32_t i = 0;
                    for (; i < begin; i++) {
                        outside += {{PREFIX}}READ_I8(weight + i);
                    }
                    if (begin < end) {
                        const int8_t *pixel = input + (iy * input_width + left) * channels + begin;
                        for (; i < end; i++) {
                            sum += (uint32_t)((int32_t)*pixel++ * {{PREFIX}}READ_I8(weight + i));
                        }
                    }
                    for (; i < row_size; i++) {
                        outside += {{PREFIX}}READ_I8(weight + i);
                    }
                    weight += row_size;
                }
                sum += (uint32_t)(outside * pad_value);
                value = {{prefix}}scale((int32_t)sum, {{PREFIX}}READ_I32(multiplier + channel),
                                        {{PREFIX}}READ_I8(shift + channel)) + zero_point;
                value = value < low ? low : value;
                *output++ = (int8_t)(value > high ? high : value);
            }
        }
    }
}
