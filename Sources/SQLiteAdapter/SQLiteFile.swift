import Foundation
import SQLCore

/// What can be said of a file before SQLite opens it, so that its owner learns what is wrong in words.
enum SQLiteFile {
    /// Every SQLite database begins so (sqlite.org/fileformat.html, 1.3.1).
    private static let magic = Data("SQLite format 3\0".utf8)

    /// - Throws: ``SQLError`` `.misuse` if `path` is a folder or a file of another kind, `.unavailable` if it may not be read.
    static func check(_ path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
        let advice = "choose another --database (DATABASE_NAME)"
        guard !isFolder.boolValue else {
            throw SQLError(.misuse, "'\(path)' is a folder, not a database file; \(advice)")
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw SQLError(.unavailable, "'\(path)' cannot be read: \(String(cString: strerror(errno))); \(advice)")
        }
        let start: Data
        do {
            start = try file.read(upToCount: magic.count) ?? Data()
            try file.close()
        } catch {
            throw SQLError(.unavailable, "'\(path)' cannot be read: \(error.localizedDescription)")
        }
        // An empty file is a database without anything in it.
        guard start.isEmpty || start == magic else {
            throw SQLError(.misuse, "'\(path)' is not an SQLite database; \(advice)")
        }
    }
}
