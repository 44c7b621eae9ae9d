import Foundation
import Testing

/// The repository as text, found from where this file lies.
enum SourceTree {
    static let root: URL = {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path.count > 1,
            !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path)
        {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    /// Folders that are built, downloaded or written by a run.
    private static let notOurs: Set<String> = [".build", ".git", ".servers", ".swiftpm", "data", "node_modules"]

    /// Every file of the repository, in the order of its path.
    static let files: [SourceFile] = {
        guard let walk = FileManager.default.enumerator(atPath: root.path) else { return [] }
        var paths: [String] = []
        while let path = walk.nextObject() as? String {
            if notOurs.contains((path as NSString).lastPathComponent) {
                walk.skipDescendants()
            } else {
                paths.append(path)
            }
        }
        return paths.sorted().compactMap { SourceFile(path: $0, root: root) }
    }()

    /// The Swift files below a folder, such as `Sources/Orders/`.
    static func swift(under folder: String) -> [SourceFile] {
        files.filter { $0.path.hasPrefix(folder) && $0.path.hasSuffix(".swift") }
    }

    /// The modules: the names of the folders in `Sources`.
    static let modules: [String] = Set(
        files.filter { $0.path.hasPrefix("Sources/") }.compactMap { file in
            let parts = file.path.split(separator: "/")
            return parts.count > 2 ? String(parts[1]) : nil
        }
    ).sorted()

    static func swift(inModule module: String) -> [SourceFile] { swift(under: "Sources/\(module)/") }
}

/// One text file.
struct SourceFile: Sendable {
    /// Relative to the repository.
    let path: String
    let text: String
    let lines: [Substring]
    /// The lines of Swift with comments and the text of string literals blanked out; interpolations stay, they are code.
    let codeLines: [Substring]

    init?(path: String, root: URL) {
        guard let data = try? Data(contentsOf: root.appending(path: path)), !data.contains(0),
            let text = String(data: data, encoding: .utf8)
        else { return nil }
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        codeLines =
            path.hasSuffix(".swift")
            ? CodeScanner.code(of: text).split(separator: "\n", omittingEmptySubsequences: false) : lines
    }

    var name: String { (path as NSString).lastPathComponent }
}

/// A place that breaks a rule.
struct Finding: CustomStringConvertible {
    let file: String
    /// From 1.
    let line: Int
    let what: String

    var description: String { "\(file):\(line): \(what)" }
}

/// Fails the test with every finding, and with what to do about them.
func expectNone(_ findings: [Finding], toDo: String, at location: Testing.SourceLocation = #_sourceLocation) {
    let report = findings.map(\.description).joined(separator: "\n")
    #expect(findings.isEmpty, "\(findings.count) found. \(toDo)\n\(report)", sourceLocation: location)
}

/// Every line of these files that matches, as a finding.
func search(
    _ files: [SourceFile], for pattern: String, in part: (SourceFile) -> [Substring] = \.codeLines,
    saying what: (Substring) -> String?
) throws -> [Finding] {
    // Simple boundaries: by the default of Unicode there is none in `Task.sleep`.
    let regex = try Regex(pattern).wordBoundaryKind(.simple)
    return files.flatMap { file in
        part(file).enumerated().compactMap { index, line in
            guard let match = line.firstMatch(of: regex) else { return nil }
            guard let what = what(line[match.range].trimmingPrefix(while: \.isWhitespace)) else { return nil }
            return Finding(file: file.path, line: index + 1, what: what)
        }
    }
}
