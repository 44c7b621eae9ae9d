import Foundation
import SQLCore

/// What stands where a database is to be opened, looked at before anything is touched: a lock file beside somebody's text, or a
/// log beside it, would be a change already.
enum DatabaseFile {
    /// How every SQLite file begins (sqlite.org/fileformat.html#the_database_header).
    private static let header = Data("SQLite format 3\u{0}".utf8)

    /// - Throws: ``SQLError`` `.unavailable` if it is a folder or a file of another kind; a missing or empty file is fine.
    static func check(_ path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
        guard !isFolder.boolValue else {
            throw SQLError(.unavailable, "'\(path)' is a folder; a database is a file: choose another name")
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw SQLError(.unavailable, "'\(path)' cannot be read; may this user read it?")
        }
        defer { try? file.close() }  // read only: nothing can be lost
        let start = (try? file.read(upToCount: header.count)) ?? Data()
        guard start.isEmpty || start == header else {
            throw SQLError(
                .unavailable, "'\(path)' is no SQLite database; nothing was changed: choose another file")
        }
    }
}
