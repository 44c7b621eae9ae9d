#include <stddef.h>

// jemalloc's own header declares malloc and its like a second time; this is all that is called by name.
int mallctl(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen);
