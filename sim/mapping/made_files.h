// The files that an execution has made, to be taken away when it is over: a list in the shared mapping, so that
// whoever outlives the others can do so.
#ifndef CSIM_SIM_MAPPING_MADE_FILES_H_
#define CSIM_SIM_MAPPING_MADE_FILES_H_

#include <cstddef>
#include <cstdint>

namespace csim {

class MadeFiles {
 public:
  // The file at this absolute path was not there before. False if there is no room to remember it.
  bool Note(const char* path);
  // Whether it was made by this execution, or lies in a directory that was.
  bool Contains(const char* path) const { return Find(path, true); }
  // Removes those that are still there, the latest first. Does nothing if somebody has written over the
  // list.
  void Remove();

 private:
  static constexpr uint32_t kSize = 1 << 18;
  bool IsSound() const;
  // Whether one of them is this one or, if `above`, a directory above it.
  bool Find(const char* path, bool above) const;

  uint32_t used_ = 0;
  uint64_t check_ = 0;  // of the text
  char text_[kSize];    // paths, each with its 0
};

}  // namespace csim

#endif  // CSIM_SIM_MAPPING_MADE_FILES_H_
