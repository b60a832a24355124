// The program's output, captured per execution: what it writes to descriptors 1 and 2.
#ifndef CSIM_SIM_RUNTIME_OUTPUT_H_
#define CSIM_SIM_RUNTIME_OUTPUT_H_

#include <cstddef>

namespace csim {

// A scheduling point on the stream (1 or 2), then appends. What exceeds kMaxOutput is dropped.
void WriteOutput(int stream, const char* text, size_t size);
// After an execution: fetches what went past us to the real descriptors (wide output, say).
void TakeStrayOutput();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_OUTPUT_H_
