// json-c's public interface. pkg-config's include path points into json-c/, the plain one to its parent: take either.
#if __has_include(<json-c/json.h>)
#include <json-c/json.h>
#else
#include <json.h>
#endif
