/* 2-D convolution with dilation and groups, tap by tap; taps outside of the image count pad_value. */
static void {{prefix}}conv_2d_taps(
    const int8_t *{{PREFIX}}RESTRICT input, int8_t *{{PREFIX}}RESTRICT output,
    int32_t input_height, int32_t input_width, int32_t channels,
    int32_t output_height, int32_t output_width, int32_t filters,
    int32_t filter_height, int32_t filter_width, int32_t stride_y, int32_t stride_x,
    int32_t dilation_y, int32_t dilation_x, int32_t depth, int32_t group_size,
    int32_t pad_top, int32_t pad_left, int32_t pad_value,
    const int8_t *weights, const int32_t *bias,
    const int32_t *multiplier, const int8_t *shift, int32_t per_channel,
    int32_t zero_point, int32_t low, int32_t high)
{
    for (int32_t oy = 0; oy < output_height; oy++) {
        for (int32_t ox = 0; ox < output_width; ox++) {
            const int8_t *weight = weights;
            for (int32_t filter = 0; filter < filters; filter++) {
                const int32_t channel = per_channel ? filter : 0;
                const int32_t group = filter / group_size * depth;
                uint32_t sum = (uint32_t){{PREFIX}}READ_I32(bias + filter); /* wraps as the reference does */
                int32_t outside = 0;
                int32_t value;
                for (int32_t ky = 0; ky < filter_height; ky++) {
                    const int32_t iy = oy * stride_y - pad_top + ky * dilation_y;
                    for (int32_t kx = 0; kx < filter_width; kx++) {
                        const int32_t ix = ox * stride_x - pad_left + kx * dilation_x;
                        if (iy >= 0 && iy < input_height && ix >= 0 && ix < input_width) {
                            const int8_t *pixel = input + (iy * input_width + ix) * channels + group;
                            for (int32_t d = 0; d < depth; d++) {
                                sum += (uint32_t)((int32_t)pixel[d] * {{PREFIX}}READ_I8(weight + d));
                            }
                        } else {
                            for (int32_t d = 0; d < depth; d++) {
                                outside += {{PREFIX}}READ_I8(weight + d);
                            }
                        }
                        weight += depth;
                    }
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
