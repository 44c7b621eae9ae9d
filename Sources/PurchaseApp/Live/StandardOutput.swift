import Foundation

/// Lines for people on standard output, whole even when several tasks write at once.
public enum StandardOutput {
    /// Writes one line.
    public static func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
