import Foundation
import ProcessDriver

/// A certificate for localhost that signs itself, and two keys of which the first is its own. They protect nothing: both are here
/// for everyone to read.
enum TestCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmzCCAUGgAwIBAgIUasxazs+RK6JFgOCmuB0wI44ymqUwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTE5MTc1NloYDzIxMjYxMTAx
        MTkxNzU2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAR3OGhdIgMwyq830VfLKr84WnNdJ/+Z2F1pf1NiGNl6d8GTABKE+/FL
        TAWVRXwOJEI3dH2r/449498R9Lzcim5Go28wbTAdBgNVHQ4EFgQUZLRj9F0BDQaM
        9Y5dprI5xwM5DmUwHwYDVR0jBBgwFoAUZLRj9F0BDQaM9Y5dprI5xwM5DmUwDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDSAAwRQIgIJjQE5LCq1ep/5zMGpWn7p3/wBC0Ocb5CVRlxylErugCIQD8
        2X6tceusY7x3poK6e8yhNqZLsfYV1nX1FFMztdsO4A==
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgScDSujvRxzlK5V1H
        m7b+CLe4tpsLmiFOfVSa9JDzekyhRANCAAR3OGhdIgMwyq830VfLKr84WnNdJ/+Z
        2F1pf1NiGNl6d8GTABKE+/FLTAWVRXwOJEI3dH2r/449498R9Lzcim5G
        -----END PRIVATE KEY-----
        """

    static let anotherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHvlz52Gy07XtBlL0
        ih0Ag95DqZiEq9ZZzUnnshtOtjqhRANCAAS4x4bi2frjpdYtHI+yPiyqZZirBHC+
        QhadB6LZvrlHJPdBl690OVoTBMtyixqPruZMbUWlOV/huPVA2f9M9Gjl
        -----END PRIVATE KEY-----
        """

    /// Writes a text into the workspace.
    ///
    /// - Returns: where.
    static func write(_ text: String, as name: String, in workspace: Workspace) throws -> String {
        let path = workspace.path(name)
        try Data((text + "\n").utf8).write(to: URL(filePath: path))
        return path
    }
}
