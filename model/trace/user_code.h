// Which places are the program's own, so that reports speak of them and not of the inside of a library.
#ifndef CSIM_MODEL_TRACE_USER_CODE_H_
#define CSIM_MODEL_TRACE_USER_CODE_H_

#include "model/trace/trace.h"

namespace csim {

// True for headers of the system and those that csim gives to programs (include/csim).
bool IsLibrary(const Place& place);

// Where the program's own code is at an event at `place` under `stack`: there, or, if that is inside a
// library, at the call that led into it; `place` if no such call is known.
Place UserPlace(const Place& place, const Stack& stack);

// The coroutine that is being executed at the top of `stack`; null if there is none.
const Frame* InnermostCoroutine(const Stack& stack);

}  // namespace csim

#endif  // CSIM_MODEL_TRACE_USER_CODE_H_
