import Foundation
import SagaChoreography

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the operating system says of this process, under the names that Prometheus clients share.
struct ProcessGauges: Sendable {
    let started: Timestamp

    func write(to text: inout PrometheusText) {
        text.add(.gauge, .init("purchase_info", [("version", PurchaseServer.version)]), 1)
        text.add(.gauge, .init("process_start_time_seconds", []), Double(started.milliseconds) / 1000)
        text.add(.counter, .init("process_cpu_seconds_total", []), Self.processorTime)
        if let memory = Self.residentMemory { text.add(.gauge, .init("process_resident_memory_bytes", []), memory) }
        if let files = Self.openFiles { text.add(.gauge, .init("process_open_fds", []), files) }
    }

    private static var processorTime: Double {
        Double(clock()) / Double(CLOCKS_PER_SEC)
    }

    /// In bytes; `nil` where the system has no /proc.
    private static var residentMemory: Double? {
        guard let line = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let fields = line.split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// `nil` where the system has no /proc.
    private static var openFiles: Double? {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count) }
    }
}
