/* vibration: a neural network as C99, written by nncgen. DO NOT EDIT.
 * (the command line stands here)
 */
#ifndef VIBRATION_H
#define VIBRATION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Input `serving_default_keras_tensor_5:0`: int8 [1,128]. */
#define VIBRATION_INPUT_SIZE 128 /* elements */
#define VIBRATION_INPUT_SCALE 0.0032766548f /* real value = scale * (element - zero point) */
#define VIBRATION_INPUT_ZERO_POINT -128

/* Output `StatefulPartitionedCall_1:0`: int8 [1,128]. */
#define VIBRATION_OUTPUT_SIZE 128 /* elements */
#define VIBRATION_OUTPUT_SCALE 0.0031144726f /* real value = scale * (element - zero point) */
#define VIBRATION_OUTPUT_ZERO_POINT -128

/* Working memory in bytes, a static array inside of the C file. */
#define VIBRATION_ARENA_BYTES 44

/* Runs one inference. The buffers are the caller's and must not overlap; the inputs are only read. */
void vibration_run(const int8_t *input, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
