// libnftables' public interface (libnftables(3)). No function here: the header's own are plain C and import as they are.
#include <nftables/libnftables.h>
