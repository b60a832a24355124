// libc's streams on simulated descriptors.
#ifndef CSIM_SIM_RUNTIME_STREAMS_H_
#define CSIM_SIM_RUNTIME_STREAMS_H_

namespace csim {

// Once, before main: from now on libc's streams read, write and close by our calls.
void TakeOverStreams();

// At exit: what streams on simulated descriptors still hold is written.
void FlushStreams();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_STREAMS_H_
