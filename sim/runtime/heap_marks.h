// Marks in shadow memory on the parts of the heap that are not the program's: guard space around blocks, and freed ones.
#ifndef CSIM_SIM_RUNTIME_HEAP_MARKS_H_
#define CSIM_SIM_RUNTIME_HEAP_MARKS_H_

#include <cstdint>

namespace csim {

// Marks [begin, end) as the blocks there are at present: for cells that a forked process has just got, which know nothing of
// what its parent did.
void MarkBlocks(uintptr_t begin, uintptr_t end);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_HEAP_MARKS_H_
