using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;

namespace DevOps.Infrastructure.Ssh;

/// <summary>The rules for paths of an upload.</summary>
internal static class UploadPaths
{
    /// <summary>Refuses paths that lead out of the project's folder.</summary>
    /// <exception cref="StepFailure">A path is absolute, empty, or goes up.</exception>
    public static void Check(ReleaseUpload upload)
    {
        if (!upload.Path.StartsWith('/') || upload.Path.Trim('/').Length == 0 || upload.Path.Contains('\0', StringComparison.Ordinal))
        {
            throw new StepFailure($"'{upload.Path}' cannot be deployed to. Give an absolute path below the root.");
        }

        var entries = upload.Manifest.Entries.Select(e => e.Path);
        foreach (var path in entries.Concat(upload.Shared.Select(s => s.TrimEnd('/'))).Concat(upload.Files.Keys))
        {
            if (path.Contains('\0', StringComparison.Ordinal) || path.Split('/').Any(part => part is "" or "." or ".."))
            {
                throw new StepFailure($"The path '{path}' cannot be in a release. Give a relative path without '.' and '..'.");
            }
        }

        if (upload.Files.FirstOrDefault(f => f.Value.Reveal().Contains('\0', StringComparison.Ordinal)) is { Key: { } name })
        {
            throw new StepFailure($"The file '{name}' of the environment holds a NUL character. Take it out.");
        }
    }

    /// <summary>Gives the test for paths that belong to the environment, not to the release: shared ones and written files.</summary>
    public static Func<string, bool> Covered(ReleaseUpload upload)
    {
        var shared = upload.Shared.Select(s => s.TrimEnd('/')).ToList();
        return path => upload.Files.ContainsKey(path)
            || shared.Exists(s => string.Equals(path, s, StringComparison.Ordinal) || path.StartsWith(s + "/", StringComparison.Ordinal));
    }
}
