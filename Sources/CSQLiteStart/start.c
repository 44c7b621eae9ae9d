// SQLite counts the memory it has taken, for all connections of the process together, under one lock: each allocation of each
// connection waits for every other's. Nobody asks for these numbers here, and they can only be switched off before SQLite is first
// used (sqlite.org/c3ref/c_config_covering_index_scan.html#sqliteconfigmemstatus). Swift cannot call a function of C that takes
// any number of arguments.
#include <sqlite3.h>

// If somebody else in the process has used SQLite before, it refuses and goes on counting: slower, and no fault.
__attribute__((constructor)) static void count_no_memory(void) { (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
