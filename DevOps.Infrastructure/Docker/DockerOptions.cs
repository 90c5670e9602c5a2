namespace DevOps.Infrastructure.Docker;

/// <summary>Where the container engine is. The variables are those of Docker's own client.</summary>
public sealed class DockerOptions
{
    /// <summary><c>unix:///path</c> or <c>tcp://host:port</c> (<c>DOCKER_HOST</c>); empty: the usual socket.</summary>
    public string Host { get; set; } = "";

    /// <summary>Whether <c>tcp</c> is spoken over TLS with both sides' certificates checked (<c>DOCKER_TLS_VERIFY</c>).</summary>
    public bool TlsVerify { get; set; }

    /// <summary>Folder with <c>ca.pem</c>, <c>cert.pem</c> and <c>key.pem</c> (<c>DOCKER_CERT_PATH</c>); empty: <c>~/.docker</c>.</summary>
    public string CertificateFolder { get; set; } = "";

    /// <summary>Marks what this installation makes on the engine; empty: a random one, kept in the data folder.</summary>
    public string Installation { get; set; } = "";

    /// <summary>Reads the variables of Docker's own client.</summary>
    public static DockerOptions FromEnvironment() => new()
    {
        Host = Environment.GetEnvironmentVariable("DOCKER_HOST") ?? "",
        TlsVerify = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DOCKER_TLS_VERIFY")),
        CertificateFolder = Environment.GetEnvironmentVariable("DOCKER_CERT_PATH") ?? "",
    };
}
