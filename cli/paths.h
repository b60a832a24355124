// Where csim's own parts are: the runtime library, the public headers, the cache.
#ifndef CSIM_CLI_PATHS_H_
#define CSIM_CLI_PATHS_H_

#include <string>

namespace csim {

// lib/csim/libcsim_runtime.so of the installation that this csim belongs to, else of the build tree.
std::string RuntimeLibrary();
// The directory that <csim/csim.h> is in.
std::string IncludeDirectory();
// $CSIM_CACHE, else $XDG_CACHE_HOME/csim, else ~/.cache/csim, else /tmp/csim-UID.
std::string CacheDirectory();

}  // namespace csim

#endif  // CSIM_CLI_PATHS_H_
