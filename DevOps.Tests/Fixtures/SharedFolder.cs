namespace DevOps.Tests.Fixtures;

/// <summary>Material that lies beside the checkout where the project is built for its makers: real bodies of webhooks, systems to compare with. Not part of the repository.</summary>
internal static class SharedFolder
{
    private static readonly string Root = Environment.GetEnvironmentVariable("DEVOPS_TEST_SHARED") ?? Path.Combine(Repository.Root, "..", "shared");

    /// <summary>Whether there is such a folder.</summary>
    public static bool Has(string folder) => Directory.Exists(Of(folder));

    /// <summary>Where the folder is.</summary>
    public static string Of(string folder) => Path.GetFullPath(Path.Combine(Root, folder));
}
