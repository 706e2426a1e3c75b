extension RandomThumb {
  /// What stands before the blocks: functions that load and write a block's state, those that blocks call, and memory.
  static let frame = """
    .bss
    .balign 4
    record: .space 64
    buffer: .space 1024
    stack: .space 768
    stack_middle: .space 1280
    .space 256
    main_stack:
    .section .rodata
    .balign 4
    constants: .word 0, 1, 0xffffffff, 0x80000000, 0x7fffffff, 0x8000ffff, 0xff7f80, 0x12345678
    .word 0xfedcba98, 0xdeadbeef, 255, 256, 0x55aa55aa, 0xaa55aa55, 0x80808080, 0x7f7f7f7f
    .text
    .type leaf_0, %function
    .thumb_func
    leaf_0:
      adds r0, r1
      eors r2, r0
      bx lr
    .type leaf_1, %function
    .thumb_func
    leaf_1:
      push {r4-r6, lr}
      muls r4, r5, r4
      adcs r6, r4
      mov r8, r6
      pop {r4-r6, pc}
    .type leaf_2, %function
    .thumb_func
    leaf_2:
      mov r12, lr
      bl leaf_1
      bl leaf_3
      bx r12
    .type leaf_3, %function
    .thumb_func
    leaf_3:
      lsls r3, r2
      bcs 1f
      sbcs r3, r0
    1:
      mov pc, lr
    .type leaf_4, %function
    .thumb_func
    leaf_4:
      push {r0, r1, lr}
      movs r0, #5
    1:
      adds r1, r1, r0
      rors r1, r0
      subs r0, #1
      bne 1b
      mov r11, r1
      pop {r0, r1, pc}
    .type enter, %function
    .thumb_func
    enter:
      ldmia r0!, {r1-r6}
      msr apsr_nzcvq, r1
      mov r8, r2
      mov r9, r3
      mov r10, r4
      mov r11, r5
      mov r12, r6
      ldmia r0, {r0-r7}
      bx lr
    .type leave, %function
    .thumb_func
    leave:
      mrs r0, apsr
      mov r1, r8
      mov r2, r9
      mov r3, r10
      mov r4, r11
      mov r5, r12
      mov r6, sp
      ldr r7, =record
      stmia r7!, {r0-r6}
      ldmia r6!, {r0-r5}
      stmia r7!, {r0-r5}
      ldmia r6!, {r0-r2}
      stmia r7!, {r0-r2}
      mov r4, lr
      ldr r0, =main_stack
      mov sp, r0
      push {r4}
      ldr r0, =record
      ldr r1, =stack_middle + 1280 - record
      bl output
      pop {pc}
    .ltorg
    .thumb_func
    .type start, %function
    start:
      bl files_open

    """
}
