#include "model/trace/user_code.h"

#include <algorithm>
#include <string_view>

namespace csim {

bool IsLibrary(const Place& place) {
  const std::string_view file = place.file;
  return file.starts_with("/usr/include/") || file.starts_with("/usr/lib/") ||
         file.find("/include/csim/") != file.npos || file.find("/csim-program/") != file.npos;
}

Place UserPlace(const Place& place, const Stack& stack) {
  if (!place.caller_file.empty() || !IsLibrary(place)) return place;
  for (size_t i = 1; i < stack.size(); ++i) {
    const Place& call = stack[i].place;
    if (call.known() && !IsLibrary(call)) return call;
  }
  return place;
}

const Frame* InnermostCoroutine(const Stack& stack) {
  const auto found =
      std::find_if(stack.begin(), stack.end(), [](const Frame& f) { return f.is_coroutine; });
  return found == stack.end() ? nullptr : &*found;
}

}  // namespace csim
