#!/bin/sh
# Makes the secrets of docker-compose.yml, once: sh infra/docker/secrets.sh [FOLDER] (default: infra/docker/secrets, which git ignores).
# What is there is left alone: another master key could not open what was sealed with the first.
set -eu
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
# Nobody else may enter the folder. The files themselves are readable, because the user inside a container is another than yours.
chmod 700 "$folder"

write() {
  if [ -s "$folder/$1" ]; then
    echo "$folder/$1 is there already."
  else
    cat > "$folder/$1.new"
    chmod 444 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
    echo "Made $folder/$1."
  fi
}

head -c 32 /dev/urandom | base64 | write master.key
# Letters and digits alone: it stands in an address as well.
head -c 48 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' | cut -c 1-40 | write database.password
printf 'postgres://jukebase:%s@postgres:5432/jukebase\n' "$(cat "$folder/database.password")" | write database.url
echo "Back up $folder/master.key, apart from the database: without it nobody can read what is sealed."
