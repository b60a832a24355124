// The header that rewritten programs include: helpers for what the source stage puts in.
//
// It exists only in memory. Its functions are always inlined and belong to nobody: they are not
// instrumented and appear in no stack.
#ifndef CSIM_INSTRUMENT_SOURCE_HELPER_HEADER_H_
#define CSIM_INSTRUMENT_SOURCE_HELPER_HEADER_H_

namespace csim::instrument {

inline constexpr char kHelperHeaderName[] = "csim-instrument-helpers.h";

// Its text; compiles as C11 to C23 and as C++11 to C++23.
const char* HelperHeaderText();

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_SOURCE_HELPER_HEADER_H_
