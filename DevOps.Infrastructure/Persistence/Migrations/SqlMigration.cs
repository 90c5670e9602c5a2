using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;

namespace DevOps.Infrastructure.Persistence.Migrations;

/// <summary>A migration whose content is the embedded <c>.sql</c> file that bears its id.</summary>
public abstract class SqlMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        var id = GetType().GetCustomAttribute<MigrationAttribute>()!.Id;
        var assembly = typeof(SqlMigration).Assembly;
        var name = assembly.GetManifestResourceNames().Single(n => n.EndsWith($".{id}.sql", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        migrationBuilder.Sql(reader.ReadToEnd());
    }
}
