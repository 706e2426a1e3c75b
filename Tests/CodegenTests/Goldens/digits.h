/* digits: a neural network as C99, written by nncgen. DO NOT EDIT.
 * (the command line stands here)
 */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Input `serving_default_keras_tensor_22:0`: int8 [1,8,8,1]. */
#define DIGITS_INPUT_SIZE 64 /* elements */
#define DIGITS_INPUT_SCALE 0.003921569f /* real value = scale * (element - zero point) */
#define DIGITS_INPUT_ZERO_POINT -128

/* Output `StatefulPartitionedCall_1:0`: int8 [1,10]. */
#define DIGITS_OUTPUT_SIZE 10 /* elements */
#define DIGITS_OUTPUT_SCALE 0.00390625f /* real value = scale * (element - zero point) */
#define DIGITS_OUTPUT_ZERO_POINT -128

/* Working memory in bytes, a static array inside of the C file. */
#define DIGITS_ARENA_BYTES 8384

/* Runs one inference. The buffers are the caller's and must not overlap; the inputs are only read. */
void digits_run(const int8_t *input, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
