"""The command line."""

from services.package_names import ForeignPackages, refuse_foreign_packages


def main() -> None:
    """`gridcase …`; refuses to run where another distribution owns one of its package names."""
    try:
        refuse_foreign_packages()
    except ForeignPackages as error:
        raise SystemExit(str(error)) from None
    from services.cli import app  # only now is it sure that `services` is ours

    app()


if __name__ == "__main__":
    main()
