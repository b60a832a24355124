// Makes a forked process begin with the pages of code that its parent has used.
//
// fork copies the page tables only of mappings that have pages of their own; of a file's pages that were
// only read the child has none, and each of its first steps finds one missing, which costs more than all the
// copying. One page of the mapping that was written is enough for the whole of it to be copied.
#ifndef CSIM_SIM_RUNTIME_INHERITED_CODE_H_
#define CSIM_SIM_RUNTIME_INHERITED_CODE_H_

namespace csim {

// For the code and constants of the program and of the runtime. Where the system does not let code be
// written nothing changes. To be called before the first fork of an execution; more calls do nothing.
void InheritCode();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_INHERITED_CODE_H_
