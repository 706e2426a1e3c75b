/* gesture: a neural network as C99, written by nncgen. DO NOT EDIT.
 * (the command line stands here)
 */
#ifndef GESTURE_H
#define GESTURE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Input `serving_default_keras_tensor_16:0`: int8 [1,64,3]. */
#define GESTURE_INPUT_SIZE 192 /* elements */
#define GESTURE_INPUT_SCALE 0.014771088f /* real value = scale * (element - zero point) */
#define GESTURE_INPUT_ZERO_POINT -8

/* Output `StatefulPartitionedCall_1:0`: int8 [1,6]. */
#define GESTURE_OUTPUT_SIZE 6 /* elements */
#define GESTURE_OUTPUT_SCALE 0.00390625f /* real value = scale * (element - zero point) */
#define GESTURE_OUTPUT_ZERO_POINT -128

/* Working memory in bytes, a static array inside of the C file. */
#define GESTURE_ARENA_BYTES 1408

/* Runs one inference. The buffers are the caller's and must not overlap; the inputs are only read. */
void gesture_run(const int8_t *input, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
