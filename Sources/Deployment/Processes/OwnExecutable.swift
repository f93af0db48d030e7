internal import Glibc

/// The file of the program that runs, for the processes in which it calls itself.
package enum OwnExecutable {
    /// Its path; the link itself, which still leads there, if the file has been replaced since.
    package static var path: String {
        let link = "/proc/self/exe"
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(link, $0, text.count) } ?? -1
            }
        }
        guard length > 0 else { return link }
        let path = String(decoding: buffer[..<length], as: UTF8.self)
        return path.hasSuffix(" (deleted)") ? link : path
    }
}
