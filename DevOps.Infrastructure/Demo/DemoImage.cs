using System.Net;
using DevOps.Infrastructure.Docker;

namespace DevOps.Infrastructure.Demo;

/// <summary>Hands the demo's image to the engine.</summary>
internal static class DemoImage
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Imports the image, unless the engine has it.</summary>
    public static async Task EnsureAsync(DockerConnection engine, DemoOptions demo, CancellationToken cancellationToken)
    {
        try
        {
            await engine.TellAsync(new EngineCall(HttpMethod.Get, $"/images/{DemoContent.Image}/json"), cancellationToken);
        }
        catch (EngineRefusal refusal) when (refusal.Status is HttpStatusCode.NotFound)
        {
            var name = ImageName.Parse(DemoContent.Image);
            await using var tar = File.OpenRead(Path.Combine(demo.Folder, "image.tar"));
            var path = $"/images/create?fromSrc=-&repo={Uri.EscapeDataString(name.Repository)}&tag={Uri.EscapeDataString(name.Tag)}";
            using var content = new StreamContent(tar);
            await engine.TellAsync(new EngineCall(HttpMethod.Post, path) { Body = content, Limit = Patience }, cancellationToken);
        }
    }
}
