/// The registers that MRS and MSR reach, by their numbers: ARM DDI 0419E, B5.2.3.
extension ARMv6M {
  func special(_ number: UInt32) -> UInt32 {
    switch number {
    case 0...3: flags
    case 8: state.control & 2 == 0 ? registerFile[13] : state.otherStackPointer
    case 9: state.control & 2 != 0 ? registerFile[13] : state.otherStackPointer
    case 16: state.priorityMask
    case 20: state.control
    default: 0
    }
  }

  mutating func setSpecial(_ number: UInt32, _ value: UInt32) {
    switch number {
    case 0...3: flags = value
    case 8, 9:
      let isMain = number == 8
      if isMain == (state.control & 2 == 0) {
        registerFile[13] = value & ~3
      } else {
        state.otherStackPointer = value & ~3
      }
    case 16: state.priorityMask = value & 1
    case 20:
      if (state.control ^ value) & 2 != 0 { swap(&registerFile[13], &state.otherStackPointer) }
      state.control = value & 3
    default: break
    }
  }
}
