namespace DevOps.Infrastructure.Docker;

/// <summary>The mark by which this installation knows its own containers and volumes on an engine that others use too.</summary>
public sealed class Installation(DockerOptions options, PlatformOptions platform)
{
    private readonly Lazy<string> _id = new(() => options.Installation.Length > 0 ? options.Installation : ReadOrMake(platform.Folder("docker")));

    /// <summary>The mark.</summary>
    public string Id => _id.Value;

    private static string ReadOrMake(string folder)
    {
        var path = Path.Combine(folder, "installation");
        if (!File.Exists(path))
        {
            var draft = Path.Combine(folder, $"installation.{Guid.NewGuid():N}");
            File.WriteAllText(draft, Guid.NewGuid().ToString("N"));
            try
            {
                File.Move(draft, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process of this installation was first; its mark counts.
                File.Delete(draft);
            }
        }

        return File.ReadAllText(path).Trim();
    }
}
