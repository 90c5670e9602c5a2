namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>A workspace and a destination that go away with the test.</summary>
public sealed class BuildFolders : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("devops-build-");

    public BuildFolders() => Directory.CreateDirectory(Workspace);

    public string Workspace => Path.Combine(_root.FullName, "in");

    public string Destination => Path.Combine(_root.FullName, "out");

    public string Put(string path, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var file = Path.Combine(Workspace, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        File.SetUnixFileMode(file, mode);
        return file;
    }

    public string Get(string path) => File.ReadAllText(Path.Combine(Destination, path));

    public void Dispose() => _root.Delete(recursive: true);
}
