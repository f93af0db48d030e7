internal import Diagnostics
internal import Glibc

/// The files of a policy in a folder of their own, which is removed again.
struct ScratchPolicy {
    /// The folder.
    let path: String

    /// Writes files, by their paths in the folder.
    init(_ files: [(path: String, text: String)]) throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        var template = Array("\(base.isEmpty ? "/tmp" : base)/seawall-import-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw DiagnosticError(
                .host, "cannot-write", "cannot make a folder to try the policy in: \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do {
            try OutputFiles.write(files.map { (path + "/" + $0.path, $0.text) })
        } catch {
            remove()
            throw error
        }
    }

    /// Removes the folder with the files in it.
    func remove() {
        guard let stream = opendir(path) else { return }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(stream)
        rmdir(path)
    }
}
