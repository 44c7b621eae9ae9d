#if os(Linux)
    import CJemalloc
#endif

/// Where the program's memory comes from: on Linux jemalloc, which is linked in front of the C library.
///
/// A purchase allocates some thousand small objects on one thread and frees them on another, where glibc's arenas lock and its lists
/// are searched; see `docs/performance.md` for what that costs.
enum Allocator {
    /// Lets memory that is no longer used go back to the system while the program is idle, too.
    static func prepare() {
        #if os(Linux)
            var isOn = true
            // Should it be refused, memory goes back a little later, with the next allocation.
            _ = mallctl("background_thread", nil, nil, &isOn, MemoryLayout<Bool>.size)
        #endif
    }
}
