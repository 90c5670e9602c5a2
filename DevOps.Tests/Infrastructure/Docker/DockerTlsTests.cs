using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DevOps.Core.Pipeline;
using DevOps.Infrastructure.Docker;
using DevOps.Tests.Fakes;

namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>An engine on another machine, whose certificate and ours are checked.</summary>
public sealed class DockerTlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("devops-tls-");

    [Fact]
    public async Task Engine_with_a_certificate_of_the_known_authority_is_trusted_and_sees_ours()
    {
        using var authority = MakeAuthority("authority");
        using var engine = MakeEngine(authority);
        await using var api = await FakeEngineApi.StartAsync(engine);
        var seen = "";
        api.On("GET version", context =>
        {
            seen = context.Connection.ClientCertificate?.Subject;
            return context.Response.Body.WriteAsync("""{"Version":"x","ApiVersion":"1.41","Os":"linux","Arch":"amd64"}"""u8.ToArray()).AsTask();
        });
        WriteFolder(authority, authority);

        using var connection = new DockerConnection(Options(api), TimeProvider.System);
        var info = await connection.OpenAsync(CancellationToken.None);

        Assert.Equal("1.41", info.ApiVersion);
        Assert.Equal("CN=client", seen);
    }

    [Fact]
    public async Task Engine_with_a_certificate_of_another_authority_gets_nothing()
    {
        using var authority = MakeAuthority("authority");
        using var stranger = MakeAuthority("stranger");
        using var engine = MakeEngine(stranger);
        await using var api = await FakeEngineApi.StartAsync(engine);
        WriteFolder(authority, authority);

        using var connection = new DockerConnection(Options(api), TimeProvider.System);
        await Assert.ThrowsAsync<EngineUnavailable>(() => connection.OpenAsync(CancellationToken.None));

        Assert.Empty(api.Calls);
    }

    [Fact]
    public async Task Certificates_that_are_not_there_are_named_by_their_folder()
    {
        using var connection = new DockerConnection(new DockerOptions { Host = "tcp://127.0.0.1:1", TlsVerify = true, CertificateFolder = _folder.FullName }, TimeProvider.System);

        var failure = await Assert.ThrowsAsync<EngineUnavailable>(() => connection.OpenAsync(CancellationToken.None));

        Assert.Contains(_folder.FullName, failure.Message);
        Assert.Contains("DOCKER_CERT_PATH", failure.Message);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private DockerOptions Options(FakeEngineApi api) => new() { Host = $"tcp://127.0.0.1:{api.Address.Port}", TlsVerify = true, CertificateFolder = _folder.FullName };

    private void WriteFolder(X509Certificate2 trusted, X509Certificate2 signer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var client = Sign(new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256), signer);
        File.WriteAllText(Path.Combine(_folder.FullName, "ca.pem"), trusted.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder.FullName, "cert.pem"), client.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder.FullName, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 MakeAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 MakeEngine(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=engine", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = Sign(request, authority);
        return signed.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 Sign(CertificateRequest request, X509Certificate2 signer) =>
        request.Create(signer, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
}
