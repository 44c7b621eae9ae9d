import Foundation

/// Lines for people on standard output, whole even when several tasks write at once.
public enum StandardOutput {
    /// Writes one line. Where nobody reads any more (`| head`) the program ends, as others do.
    public static func write(_ line: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
        } catch {
            // 128 + SIGPIPE, as a shell shows it.
            exit(141)
        }
    }
}
