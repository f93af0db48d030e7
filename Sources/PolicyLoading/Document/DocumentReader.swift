internal import Diagnostics
internal import JSONC
internal import Seawall

extension PolicyDocument {
    /// Reads a document, and checks that it lists each file that it names.
    ///
    /// - Throws: `DiagnosticError` with the place in the text, or in the value.
    static func read(_ bytes: some Collection<UInt8>, shown: ShownPaths) throws -> PolicyDocument {
        do {
            let document = try decode(try JSONValue.parse(distinct: Array(bytes)))
            let listed = Set(document.files.map { Array($0.path.utf8) })
            if let missing = document.content.flatMap(\.fileReferences).first(where: { !listed.contains($0.pathBytes) })
            {
                throw JSONError(at: .path("$.files"), "the file '\(missing.path)', which a rule names, is not listed")
            }
            return document
        } catch let error as JSONError {
            throw DiagnosticError.badDocument(shown, error)
        } catch PolicyDocumentError.malformed(let error) {
            throw DiagnosticError.badDocument(shown, error)
        } catch PolicyDocumentError.unknownVersion(let version) {
            throw DiagnosticError.unknownDocumentVersion(shown, version)
        } catch PolicyDocumentError.notADocument(let why) {
            throw DiagnosticError.notADocument(shown, why)
        }
    }
}
