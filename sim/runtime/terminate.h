// std::terminate: exceptions that nobody caught, threads destroyed while joinable.
#ifndef CSIM_SIM_RUNTIME_TERMINATE_H_
#define CSIM_SIM_RUNTIME_TERMINATE_H_

namespace csim {

// The terminate handler of every program under csim. Ends the execution.
[[noreturn]] void OnTerminate();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_TERMINATE_H_
