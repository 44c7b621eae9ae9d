// libmongoc makes itself ready as the program is loaded, whether it will be used or not. It counts in shared memory, for a tool that
// watches it from outside, under a name made of the process's number, and takes it away at a regular end only: a killed process leaves
// it behind, and the next one of that number prints a warning on its standard error before `main` can say that nobody wants to read it.
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__ELF__)
static void be_silent(void) { mongoc_log_set_handler(NULL, NULL); }

// Only what stands here runs before the initializers of the libraries that the program is linked with.
__attribute__((section(".preinit_array"), used)) static void (*const before_the_libraries)(void) = be_silent;

// Runs after the libraries' initializers. The library goes on counting in its own mapping; there is just no file any more to leave behind.
__attribute__((constructor)) static void leave_nothing_behind(void) {
    char name[32];
    snprintf(name, sizeof name, "/mongoc-%u", (unsigned)getpid());
    shm_unlink(name);
}
#endif
