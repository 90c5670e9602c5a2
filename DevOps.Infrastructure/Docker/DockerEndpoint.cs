using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Docker;

/// <summary>The engine's address, read from <see cref="DockerOptions"/>.</summary>
/// <param name="Name">As people write it.</param>
/// <param name="Address">What requests are made relative to.</param>
/// <param name="Socket">Path of the unix socket; null for TCP.</param>
public sealed record DockerEndpoint(string Name, Uri Address, string? Socket)
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    /// <summary>Reads the options.</summary>
    /// <exception cref="EngineUnavailable">The address is of a kind that is not spoken.</exception>
    public static DockerEndpoint Read(DockerOptions options)
    {
        var host = options.Host.Length > 0 ? options.Host : $"unix://{UsualSocket()}";
        if (host.StartsWith("unix://", StringComparison.Ordinal) && host.Length > "unix:///".Length)
        {
            return new DockerEndpoint(host, new Uri("http://engine/"), host["unix://".Length..]);
        }

        if (Uri.TryCreate(host, UriKind.Absolute, out var uri) && uri.Scheme is "tcp" or "http" or "https" && uri.Host.Length > 0)
        {
            var tls = options.TlsVerify || uri.Scheme is "https";
            var port = uri.Port > 0 ? uri.Port : tls ? 2376 : 2375;
            return new DockerEndpoint(host, new UriBuilder(tls ? "https" : "http", uri.Host, port).Uri, Socket: null);
        }

        throw new EngineUnavailable($"DOCKER_HOST is “{host}”, which is not understood. Use unix:///path or tcp://host:port.");
    }

    /// <summary>Makes the transport. No call through it may last for ever: each has its own limit.</summary>
    public SocketsHttpHandler CreateHandler(DockerOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectLimit,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        if (Socket is { } path)
        {
            handler.ConnectCallback = async (_, cancellationToken) => await ConnectAsync(path, cancellationToken);
        }
        else if (Address.Scheme is "https")
        {
            handler.SslOptions = ReadCertificates(options.CertificateFolder);
        }

        return handler;
    }

    private static async Task<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions ReadCertificates(string folder)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var from = folder.Length > 0 ? folder : Path.Combine(home, ".docker");
        try
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.ImportFromPemFile(Path.Combine(from, "ca.pem"));
            return new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = trust,
                ClientCertificates = [X509Certificate2.CreateFromPemFile(Path.Combine(from, "cert.pem"), Path.Combine(from, "key.pem"))],
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new EngineUnavailable($"The engine's certificates cannot be read from {from} (DOCKER_CERT_PATH): {e.Message}", e);
        }
    }

    private static string UsualSocket()
    {
        const string System = "/var/run/docker.sock";
        var own = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } folder ? Path.Combine(folder, "docker.sock") : System;
        return !File.Exists(System) && File.Exists(own) ? own : System;
    }
}
